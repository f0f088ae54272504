/* SPDX-License-Identifier: GPL-2.0-or-later */

/* IMA's signature over the fs-verity digest, as `appraise_type=sigv3` demands it. */

#include <string.h>

#include "plugins/sign/ima_signature.h"

#define VERITY_DIGSIG 6 /* IMA_VERITY_DIGSIG of the kernel's enum evm_ima_xattr_type */
#define HASH_SHA256   4 /* HASH_ALGO_SHA256 of <linux/hash_info.h> */

static const struct ima_kind kind = {.type = VERITY_DIGSIG, .version = 3};

/* The kernel's struct ima_file_id (security/integrity/integrity.h), as far as it is hashed. */
static int file_id_hash(const struct digests *digests, uint8_t ret[SHA256_SIZE])
{
	uint8_t file_id[2 + BS_DIGEST_SIZE] = {VERITY_DIGSIG, HASH_SHA256};

	memcpy(file_id + 2, digests->verity, BS_DIGEST_SIZE);
	return openssl_sha256(file_id, sizeof(file_id), ret);
}

static int sign(const struct sign_request *request, struct bytes *ret, struct diag *reterr)
{
	uint8_t hash[SHA256_SIZE];

	if (file_id_hash(&request->digests, hash) < 0)
		return diag_set(reterr, -EIO, "can't compute a SHA-256");
	return ima_signature_sign(&kind, hash, request, ret, reterr);
}

static int check(const struct bytes *signature, const struct digests *digests,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	uint8_t hash[SHA256_SIZE];

	if (file_id_hash(digests, hash) < 0)
		return diag_set(reterr, -EIO, "can't compute a SHA-256");
	return ima_signature_check(&kind, signature, hash, certificates, n, ret_index, reterr);
}

static int read_signature(const char *path, int fd, struct bytes *ret, struct diag *reterr)
{
	return ima_signature_read(&kind, path, fd, ret, reterr);
}

const struct signer signer_ima = {
	.name = "ima",
	.doc = "IMA's signature over the fs-verity digest, in security.ima",
	.slot = "security.ima",
	.needs_seal = true,
	.sign = sign,
	.check = check,
	.apply = ima_signature_apply,
	.read = read_signature,
};
