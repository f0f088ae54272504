/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The claim of bpf/abi.h in the xattr user.bpfsign: the route that the enforcement reads. */

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
static int read_xattr(const char *path, int fd, struct bs_signed_claim *ret, size_t *ret_size,
	struct diag *reterr)
{
	ssize_t size = fgetxattr(fd, BS_CLAIM_XATTR, ret, sizeof(*ret));

	if (size >= 0) {
		*ret_size = (size_t)size;
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

static int verify(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	struct bs_signed_claim value;
	const uint8_t *signature;
	size_t size = 0, signature_size, index;
	struct claim claim;

	int r = read_xattr(path, fd, &value, &size, reterr);
	if (r >= 0)
		r = claim_parse(&value, size, &claim, &signature, &signature_size, reterr);
	if (r < 0)
		return r;

	_cleanup_free_ X509 **certificates = anchors_certificates(anchors);
	if (!certificates)
		return diag_set(reterr, -ENOMEM, "out of memory");
	r = claim_verify(
		&claim, signature, signature_size, certificates, anchors->n, &index, reterr);
	if (r < 0)
		return r;
	if (claim.digest_size != BS_DIGEST_SIZE ||
		memcmp(claim.digest, digest, BS_DIGEST_SIZE) != 0) {
		diag_set(reterr, -ESTALE, "the claim of '%s' is for other bytes", claim.name);
		diag_hint(reterr, "bpfsign sign --force, if these are the right ones");
		return -ESTALE;
	}
	*ret = claim;
	*ret_anchor = &anchors->items[index];
	return 0;
}

const struct signer signer_claim = {
	.name = "claim",
	.doc = "a signed claim in the extended attribute " BS_CLAIM_XATTR,
	.sign = sign,
	.apply = apply,
	.verify = verify,
};
