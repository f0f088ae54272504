/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The claim of bpf/contract/abi.h in the xattr user.bpfsign: the route that the enforcement
 * reads.
 */

#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "plugins/sign/signer.h"

static int sign(const struct sign_request *request, struct bytes *ret, struct diag *reterr)
{
	return claim_sign(&request->claim, request->key, request->certificate, ret, reterr);
}

/* One fsetxattr(2) is one transaction of the file system: the old value or the new one. */
static int apply(const char *path, int fd, const struct bytes *signature, struct diag *reterr)
{
	if (fsetxattr(fd, BS_CLAIM_XATTR, signature->data, signature->size, 0) < 0) {
		int r = -errno;
		diag_set(reterr, r, "can't write the claim of '%s': %s", path, strerror(-r));
		if (r == -EOPNOTSUPP)
			diag_hint(reterr, "its file system keeps no extended attributes");
		return r;
	}
	if (fsync(fd) < 0)
		return diag_set(
			reterr, -errno, "can't write '%s' to disk: %s", path, strerror(errno));
	return 0;
}

/* The xattr as it stands; larger than any claim is as bad as malformed. */
static int read_claim(const char *path, int fd, struct bytes *ret, struct diag *reterr)
{
	struct bs_signed_claim value;
	ssize_t size = fgetxattr(fd, BS_CLAIM_XATTR, &value, sizeof(value));

	if (size >= 0) {
		uint8_t *copy = malloc((size_t)size + 1);
		if (!copy)
			return diag_set(reterr, -ENOMEM, "out of memory");
		memcpy(copy, &value, (size_t)size);
		*ret = (struct bytes){copy, (size_t)size};
		return 0;
	}
	if (errno == ERANGE)
		return diag_set(reterr, -EBADMSG, "the claim is oversized");
	if (errno == ENODATA || errno == EOPNOTSUPP) {
		diag_set(reterr, -ENODATA, "'%s' has no claim", path);
		diag_hint(reterr, "bpfsign sign it");
		return -ENODATA;
	}
	return diag_set(reterr, -errno, "can't read the claim of '%s': %s", path, strerror(errno));
}

static int check(const struct bytes *made, const struct digests *digests, X509 *const *certificates,
	size_t n, size_t *ret_index, struct diag *reterr)
{
	const uint8_t *signature;
	size_t size, index;
	struct claim claim;

	int r = claim_parse(made->data, made->size, &claim, &signature, &size, reterr);
	if (r >= 0)
		r = claim_verify(&claim, signature, size, certificates, n, &index, reterr);
	if (r < 0)
		return r;
	if (claim.digest_size != BS_DIGEST_SIZE ||
		memcmp(claim.digest, digests->verity, BS_DIGEST_SIZE) != 0) {
		diag_set(reterr, -ESTALE, "the claim of '%s' is for other bytes", claim.name);
		diag_hint(reterr, "bpfsign sign --force, if these are the right ones");
		return -ESTALE;
	}
	*ret_index = index;
	return 0;
}

const struct signer signer_claim = {
	.name = "claim",
	.doc = "a signed claim in the extended attribute " BS_CLAIM_XATTR,
	.sign = sign,
	.check = check,
	.apply = apply,
	.read = read_claim,
};
