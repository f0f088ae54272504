/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the signatures of a file and puts them onto it: the steps common to all routes, in order.
 */

#include "plugins/sign/signatures.h"

#include <string.h>

#include "plugins/sign/verity.h"

void signatures_done(struct signatures *signatures)
{
	for (size_t i = 0; i < SIGNERS; i++)
		bytes_done(&signatures->by_route[i]);
}

static bool is_current(const struct signer *signer, const struct sign_request *request)
{
	_cleanup_bytes_ struct bytes value = {0};
	size_t index;

	return signer->read(request->path, request->fd, &value, NULL) >= 0 &&
	       signer->check(&value, &request->digests, &request->certificate, 1, &index, NULL) >=
		       0;
}

/* 1 when it is there already, 0 when it can be sealed in. */
static int find_sealed_in(
	const struct signer *signer, const struct sign_request *request, struct diag *reterr)
{
	uint8_t digest[BS_DIGEST_SIZE];
	bool sealed = false;

	if (request->fd < 0)
		return 0;
	int r = verity_digest(request->fd, digest, &sealed, reterr);
	if (r < 0 || !sealed)
		return r;
	return is_current(signer, request) ? 1 : verity_explain_sealed(request->path, reterr);
}

/* A key that does not match its certificate must be detected before a file is sealed. */
static int make_one(const struct signer *signer, const struct sign_request *request,
	struct bytes *ret, struct diag *reterr)
{
	size_t index;
	int r = signer->is_sealed_in ? find_sealed_in(signer, request, reterr) : 0;

	if (r != 0)
		return r < 0 ? r : 0;
	r = signer->sign(request, ret, reterr);
	return r < 0 || request->unchecked ? r
					   : signer->check(ret, &request->digests,
						     &request->certificate, 1, &index, reterr);
}

int signatures_make(const struct sign_request *request, struct signatures *ret, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures made = {0};

	int r = signer_suit(request->routes, request->claim.role, reterr);
	for (size_t i = 0; r >= 0 && i < SIGNERS; i++)
		if (request->routes & 1U << i)
			r = make_one(signers[i], request, &made.by_route[i], reterr);
	if (r < 0)
		return r;
	*ret = made;
	made = (struct signatures){0};
	return 0;
}

/* After this the bytes cannot change any more, and they are the ones that were signed. */
static int seal(const char *path, int fd, const struct claim *claim, const struct bytes *sealed_in,
	struct diag *reterr)
{
	uint8_t digest[BS_DIGEST_SIZE];
	bool enabled = false;

	int r = verity_enable(path, fd, sealed_in, reterr);
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

/* Is this the signature that was sealed in, just now or earlier? */
static int check_sealed_in(const char *path, int fd, const struct signer *signer,
	const struct bytes *wanted, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes present = {0};

	int r = signer->read(path, fd, &present, reterr);
	if (r < 0 && r != -ENODATA)
		return r;
	return present.size == wanted->size && memcmp(present.data, wanted->data, wanted->size) == 0
		       ? 0
		       : verity_explain_sealed(path, reterr);
}

/* The slot of the route that is sealed in and has a signature, or SIGNERS. */
static size_t find_sealed_in_signature(const struct signatures *signatures)
{
	size_t i = 0;

	while (i < SIGNERS && !(signers[i]->is_sealed_in && signatures->by_route[i].data))
		i++;
	return i;
}

int signatures_apply(const char *path, int fd, const struct claim *claim,
	const struct signatures *signatures, struct diag *reterr)
{
	size_t inside = find_sealed_in_signature(signatures);
	const struct bytes *sealed_in = inside < SIGNERS ? &signatures->by_route[inside] : NULL;
	int r = 0;

	if (signer_seals(claim->role))
		r = seal(path, fd, claim, sealed_in, reterr);
	if (r >= 0 && sealed_in)
		r = check_sealed_in(path, fd, signers[inside], sealed_in, reterr);
	for (size_t i = 0; r >= 0 && i < SIGNERS; i++)
		if (signatures->by_route[i].data && !signers[i]->is_sealed_in)
			r = signers[i]->apply(path, fd, &signatures->by_route[i], reterr);
	return r;
}

bool signatures_are_beside(const struct sign_request *request)
{
	for (size_t i = 0; i < SIGNERS; i++)
		if (request->routes & 1U << i && signers[i] != &signer_claim &&
			!is_current(signers[i], request))
			return false;
	return true;
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

	if (signer_seals(wanted->role) &&
		(verity_digest(request->fd, digest, &enabled, NULL) < 0 || !enabled))
		return false;
	if (signer_read_claim(request->path, request->fd, request->digests.verity, &anchors, &claim,
		    &anchor, NULL) < 0 ||
		claim.role != wanted->role || strcmp(claim.name, wanted->name) != 0)
		return false;
	*ret = claim;
	return signatures_are_beside(request);
}
