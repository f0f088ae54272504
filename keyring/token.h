/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Keys that cannot leave where they are: PKCS #11 tokens (pkcs11:…, RFC 7512) and TPMs (handle:…,
 * object:…). OpenSSL's providers come first; where there is none for pkcs11:, OpenSSL's older PKCS
 * #11 engine serves, which is all that Debian 12 has.
 */

#include "keyring/openssl.h"
#include "src/base/diag.h"

/*
 * Sees to it that OSSL_STORE knows the scheme of this URI, as far as the machine can: loads the
 * provider of the scheme, unless the configuration has done it. -EINVAL for a URI with a PIN in it.
 */
int token_prepare(const char *uri, struct diag *reterr);

/* The same for a file with a TPM's key in it ("TSS2 PRIVATE KEY"). */
void token_prepare_tpm(void);

/* Is the engine the only way to this URI? Only after token_prepare(). */
bool token_needs_engine(const char *uri);

/*
 * The private key and the certificate of the same name on the token (NULL where there is none). The
 * PIN is asked for once, and again for each signature where the token wants it so. -ENOKEY for a
 * wrong PIN or none, -ENOENT when the token has neither, -ENOPKG without the engine. The session
 * stays open until the process ends.
 */
int token_load(const char *uri, EVP_PKEY **ret_key, X509 **ret_certificate, struct diag *reterr);

#define KEY_PROPERTIES_SIZE 128

/*
 * OpenSSL's property query for signing with this key: by the provider that has it, and no other,
 * but with digests made here. NULL where nothing is to be said; else text.
 */
const char *token_properties(const EVP_PKEY *key, char text[KEY_PROPERTIES_SIZE]);
