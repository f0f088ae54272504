/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The claim of bpf/contract/abi.h: making it, reading it, its CMS signature. Nothing here
 * touches a file's xattr (plugins/sign/ does) or the kernel's keyrings.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"
#include "src/base/diag.h"

/* A claim in the host's terms. */
struct claim {
	enum bs_role role;
	char name[BS_NAME_SIZE];
	uint64_t sequence;
	uint8_t digest_algorithm; /* FS_VERITY_HASH_ALG_*, 0 for an order */
	uint16_t digest_size;     /* bytes used of digest */
	uint8_t digest[64];
};

/* Host terms to the 160 bytes that are signed. -EINVAL for a name or size out of range. */
int claim_encode(const struct claim *claim, struct bs_claim *ret, struct diag *reterr);

/*
 * The bytes of an xattr or order file to the claim and its signature. Strict:
 * -EBADMSG, with the reason in *reterr, for anything claim_encode() would not have
 * made (magic, reserved bytes, padding, name, sizes), for a missing, oversized or
 * trailing-garbage signature. *ret_signature points into data.
 */
int claim_parse(const void *data, size_t size, struct claim *ret, const uint8_t **ret_signature,
	size_t *ret_signature_size, struct diag *reterr);

/*
 * Claim and detached CMS (DER, no attributes, no certificates, SHA-256: as the kernel's
 * verify_pkcs7_message_sig() accepts) as one buffer: the value of the xattr.
 * -EFBIG when the signature exceeds BS_SIGNATURE_SIZE; OpenSSL's errors as -EIO.
 */
int claim_sign(const struct claim *claim, EVP_PKEY *key, X509 *certificate, struct bytes *ret,
	struct diag *reterr);

/*
 * Does one of n certificates verify this CMS over this claim? 0 and its index; -ENOKEY when
 * none of them made it, -EKEYREJECTED when one did but the signature is wrong, -EBADMSG
 * when it is no CMS. Expiry of the certificates is not looked at, as the kernel does not.
 */
int claim_verify(const struct claim *claim, const void *signature, size_t signature_size,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr);
