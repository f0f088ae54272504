/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The signing routes, and the order of steps that is the same for all of them. */

#include "signer.h"

#include <string.h>

#include "plugins/sign/verity.h"

const struct signer *const signers[SIGNERS + 1] = {&signer_claim, NULL};

int signer_find(const char *name)
{
	for (int i = 0; signers[i]; i++)
		if (strcmp(signers[i]->name, name) == 0)
			return i;
	return -ENOENT;
}

void signatures_done(struct signatures *signatures)
{
	for (size_t i = 0; i < SIGNERS; i++)
		bytes_done(&signatures->by_route[i]);
}

int signatures_make(const struct sign_request *request, struct signatures *ret, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures made = {0};
	size_t index;

	for (size_t i = 0; i < SIGNERS; i++) {
		struct bytes *one = &made.by_route[i];
		if (!(request->routes & 1U << i))
			continue;
		int r = signers[i]->sign(request, one, reterr);
		/* A key that makes signatures which its certificate does not verify must not cost a file. */
		if (r >= 0)
			r = signers[i]->check(one, request->claim.digest, &request->certificate, 1,
				&index, reterr);
		if (r < 0)
			return r;
	}
	*ret = made;
	made = (struct signatures){0};
	return 0;
}

/* A policy is edited and read by content; everything else is identified by the kernel. */
static bool needs_seal(const struct claim *claim)
{
	return claim->role != BS_ROLE_POLICY;
}

/* After this the bytes cannot change any more, and they are the ones that were signed. */
static int seal(const char *path, int fd, const struct claim *claim, struct diag *reterr)
{
	uint8_t digest[BS_DIGEST_SIZE];
	bool enabled = false;

	int r = verity_enable(path, fd, reterr);
	if (r < 0)
		return r;
	r = verity_digest(fd, digest, &enabled, reterr);
	if (r < 0)
		return r;
	if (!enabled || memcmp(digest, claim->digest, sizeof(digest)) != 0) {
		diag_set(reterr, -ESTALE, "'%s' changed while it was being signed", path);
		diag_hint(reterr, "look at what it is now, then sign it again");
		return -ESTALE;
	}
	return 0;
}

int signatures_apply(const char *path, int fd, const struct claim *claim,
	const struct signatures *signatures, struct diag *reterr)
{
	int r = needs_seal(claim) ? seal(path, fd, claim, reterr) : 0;

	for (size_t i = 0; r >= 0 && i < SIGNERS; i++)
		if (signatures->by_route[i].data && !signers[i]->is_sealed_in)
			r = signers[i]->apply(path, fd, &signatures->by_route[i], reterr);
	return r;
}

int claim_of_file(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_free_ X509 **certificates = anchors_certificates(anchors);
	_cleanup_bytes_ struct bytes value = {0};
	const uint8_t *signature;
	size_t size, index;
	struct claim claim;

	if (!certificates)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = signer_claim.read(path, fd, &value, reterr);
	if (r >= 0)
		r = signer_claim.check(&value, digest, certificates, anchors->n, &index, reterr);
	if (r >= 0)
		r = claim_parse(value.data, value.size, &claim, &signature, &size, reterr);
	if (r < 0)
		return r;
	*ret = claim;
	*ret_anchor = &anchors->items[index];
	return 0;
}

static bool is_current(const struct signer *signer, const struct sign_request *request,
	const uint8_t digest[BS_DIGEST_SIZE])
{
	_cleanup_bytes_ struct bytes value = {0};
	size_t index;

	return signer->read(request->path, request->fd, &value, NULL) >= 0 &&
	       signer->check(&value, digest, &request->certificate, 1, &index, NULL) >= 0;
}

bool signatures_are_current(const struct sign_request *request, struct claim *ret)
{
	struct anchor own = {.certificate = request->certificate};
	const struct anchors anchors = {&own, 1};
	const struct claim *wanted = &request->claim;
	const struct anchor *anchor;
	struct claim claim;
	uint8_t digest[BS_DIGEST_SIZE];
	bool enabled = false;

	if (verity_digest(request->fd, digest, &enabled, NULL) < 0 ||
		(needs_seal(wanted) && !enabled) ||
		claim_of_file(request->path, request->fd, digest, &anchors, &claim, &anchor, NULL) <
			0 ||
		claim.role != wanted->role || strcmp(claim.name, wanted->name) != 0)
		return false;
	for (size_t i = 0; i < SIGNERS; i++)
		if (request->routes & 1U << i && !is_current(signers[i], request, digest))
			return false;
	*ret = claim;
	return true;
}
