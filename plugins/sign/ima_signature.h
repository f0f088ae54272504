/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The common part of IMA's signatures: the value of security.ima, a header and a signature over a
 * SHA-256, which each route computes over data of its own.
 */

#include "plugins/sign/signer.h"

/* The first two bytes of the value tell the kinds apart. */
struct ima_kind {
	uint8_t type, version;
};

/* Signs the hash: PKCS #1 v1.5 or ECDSA. -EINVAL for a certificate without a key identifier. */
int ima_signature_sign(const struct ima_kind *kind, const uint8_t hash[SHA256_SIZE],
	const struct sign_request *request, struct bytes *ret, struct diag *reterr);

/* As signer.check: is it a signature of this kind over this hash? */
int ima_signature_check(const struct ima_kind *kind, const struct bytes *signature,
	const uint8_t hash[SHA256_SIZE], X509 *const *certificates, size_t n, size_t *ret_index,
	struct diag *reterr);

/* As signer.apply. */
int ima_signature_apply(
	const char *path, int fd, const struct bytes *signature, struct diag *reterr);

/* As signer.read; -ENODATA for a signature of another kind. */
int ima_signature_read(const struct ima_kind *kind, const char *path, int fd, struct bytes *ret,
	struct diag *reterr);
