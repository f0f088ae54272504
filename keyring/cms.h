/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Detached CMS signatures (DER, no attributes, no certificates, SHA-256), as the kernel's
 * verify_pkcs7_message_sig() accepts them.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "src/base/base.h"
#include "src/base/diag.h"

/* Is this one DER sequence and nothing after it? */
bool cms_is_whole(const void *data, size_t size);

/* Signs data; OpenSSL's errors as -EIO. */
int cms_sign(const void *data, size_t size, EVP_PKEY *key, X509 *certificate, struct bytes *ret,
	struct diag *reterr);

/*
 * Does one of n certificates verify this CMS over this data? 0 and its index; -ENOKEY when
 * none of them made it, -EKEYREJECTED when one did but the signature is wrong, -EBADMSG
 * when it is no CMS of our form. Expiry of the certificates is not looked at, as the kernel does
 * not.
 */
int cms_verify(const void *data, size_t size, const struct bytes *signature,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr);
