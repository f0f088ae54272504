/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * fs-verity's built-in signature: a CMS over the digest, which the kernel verifies by its keyring
 * .fs-verity when it seals the file and at each opening, and keeps beside the Merkle tree.
 */

#include <linux/fsverity.h>
#include <string.h>
#include <sys/ioctl.h>

#include "keyring/cms.h"
#include "plugins/sign/signer.h"
#include "src/base/base.h"

#define SIGNATURE_LIMIT 16128 /* FS_VERITY_MAX_SIGNATURE_SIZE of the kernel */

/* struct fsverity_formatted_digest with its digest. */
struct formatted_digest {
	char magic[8];
	uint8_t algorithm[2], size[2]; /* le16 */
	uint8_t digest[BS_DIGEST_SIZE];
};

_Static_assert(sizeof(struct formatted_digest) ==
		       sizeof(struct fsverity_formatted_digest) + BS_DIGEST_SIZE,
	"the kernel's layout");

static struct formatted_digest format_digest(const struct digests *digests)
{
	struct formatted_digest formatted = {
		.algorithm = {FS_VERITY_HASH_ALG_SHA256}, .size = {BS_DIGEST_SIZE}};

	memcpy(formatted.magic, "FSVerity", sizeof(formatted.magic));
	memcpy(formatted.digest, digests->verity, BS_DIGEST_SIZE);
	return formatted;
}

static int sign(const struct sign_request *request, struct bytes *ret, struct diag *reterr)
{
	const struct formatted_digest formatted = format_digest(&request->digests);
	_cleanup_bytes_ struct bytes made = {0};

	int r = cms_sign(
		&formatted, sizeof(formatted), request->key, request->certificate, &made, reterr);
	if (r < 0)
		return r;
	if (made.size > SIGNATURE_LIMIT)
		return diag_set(reterr, -EFBIG, "the signature has %zu bytes; at most %d fit",
			made.size, SIGNATURE_LIMIT);
	*ret = made;
	made = (struct bytes){0};
	return 0;
}

static int check(const struct bytes *signature, const struct digests *digests,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	const struct formatted_digest formatted = format_digest(digests);

	if (!cms_is_whole(signature->data, signature->size))
		return diag_set(
			reterr, -EBADMSG, "the built-in signature is truncated, or more follows");
	return cms_verify(
		&formatted, sizeof(formatted), signature, certificates, n, ret_index, reterr);
}

static int read_signature(const char *path, int fd, struct bytes *ret, struct diag *reterr)
{
	_cleanup_free_ uint8_t *buffer = malloc(SIGNATURE_LIMIT + 1);
	struct fsverity_read_metadata_arg argument = {
		.metadata_type = FS_VERITY_METADATA_TYPE_SIGNATURE,
		.length = SIGNATURE_LIMIT,
		.buf_ptr = (uintptr_t)buffer,
	};

	if (!buffer)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int size = ioctl(fd, FS_IOC_READ_VERITY_METADATA, &argument);
	if (size < 0 && (errno == ENODATA || errno == ENOTTY || errno == EOPNOTSUPP))
		return diag_set(reterr, -ENODATA, "'%s' has no built-in signature", path);
	if (size < 0)
		return diag_set(reterr, -errno, "can't read the built-in signature of '%s': %s",
			path, strerror(errno));
	buffer[size] = 0;
	*ret = (struct bytes){TAKE_PTR(buffer), (size_t)size};
	return 0;
}

const struct signer signer_builtin = {
	.name = "builtin",
	.doc = "fs-verity's own signature, which the kernel verifies by its keyring .fs-verity",
	.needs_seal = true,
	.is_sealed_in = true,
	.sign = sign,
	.check = check,
	.read = read_signature,
};
