/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The signing routes, and the order of steps that is the same for all of them. */

#include "signer.h"

#include <string.h>

#include "plugins/sign/verity.h"

const struct signer *const signers[] = {&signer_claim, NULL};

const struct signer *signer_find(const char *name)
{
	for (size_t i = 0; signers[i]; i++)
		if (strcmp(signers[i]->name, name) == 0)
			return signers[i];
	return NULL;
}

/* A policy is edited and read by content; everything else is identified by the kernel. */
static bool needs_seal(const struct sign_request *request)
{
	return request->claim.role != BS_ROLE_POLICY;
}

/* A key that makes signatures which its certificate does not verify must not cost a file. */
static int check_made(
	const struct sign_request *request, const struct bytes *made, struct diag *reterr)
{
	const uint8_t *signature;
	struct claim claim;
	size_t size, index;

	int r = claim_parse(made->data, made->size, &claim, &signature, &size, reterr);
	if (r < 0)
		return r;
	return claim_verify(&claim, signature, size, &request->certificate, 1, &index, reterr);
}

/* After this the bytes cannot change any more, and they are the ones that were signed. */
static int seal(const struct sign_request *request, struct diag *reterr)
{
	uint8_t digest[BS_DIGEST_SIZE];
	bool enabled = false;

	int r = verity_enable(request->path, request->fd, reterr);
	if (r < 0)
		return r;
	r = verity_digest(request->fd, digest, &enabled, reterr);
	if (r < 0)
		return r;
	if (!enabled || memcmp(digest, request->claim.digest, sizeof(digest)) != 0) {
		diag_set(reterr, -ESTALE, "'%s' changed while it was being signed", request->path);
		diag_hint(reterr, "look at what it is now, then sign it again");
		return -ESTALE;
	}
	return 0;
}

int signer_run(const struct signer *signer, const struct sign_request *request, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes made = {0};

	int r = signer->sign(request, &made, reterr);
	if (r >= 0)
		r = check_made(request, &made, reterr);
	if (r >= 0 && needs_seal(request))
		r = seal(request, reterr);
	if (r >= 0)
		r = signer->apply(request->path, request->fd, &made, reterr);
	return r;
}

bool signer_is_current(
	const struct signer *signer, const struct sign_request *request, struct claim *ret)
{
	struct anchor own = {.certificate = request->certificate};
	const struct anchors anchors = {&own, 1};
	const struct claim *wanted = &request->claim;
	const struct anchor *anchor;
	struct claim claim;
	uint8_t digest[BS_DIGEST_SIZE];
	bool enabled = false;

	if (verity_digest(request->fd, digest, &enabled, NULL) < 0 ||
		(needs_seal(request) && !enabled) ||
		signer->verify(
			request->path, request->fd, digest, &anchors, &claim, &anchor, NULL) < 0 ||
		claim.role != wanted->role || strcmp(claim.name, wanted->name) != 0)
		return false;
	*ret = claim;
	return true;
}
