/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The signing routes, and the order of steps that is the same for all of them. */

#include "plugins/sign/signer.h"

#include <string.h>

#include "plugins/sign/content.h"
#include "plugins/sign/verity.h"
#include "src/base/text.h"

const struct signer *const signers[SIGNERS + 1] = {
	&signer_claim, &signer_ima, &signer_ima_file, &signer_builtin, NULL};

int signer_find(const char *name)
{
	for (int i = 0; signers[i]; i++)
		if (strcmp(signers[i]->name, name) == 0)
			return i;
	return -ENOENT;
}

static int unknown_route(const char *name, struct diag *reterr)
{
	const char *names[SIGNERS];

	for (size_t i = 0; i < SIGNERS; i++)
		names[i] = signers[i]->name;
	const char *nearest = nearest_word(name, names, SIGNERS);
	diag_set(reterr, -EINVAL, "unknown kind of signature '%s'", name);
	diag_hint(
		reterr, nearest ? "did you mean '%s'?" : "claim, ima, ima-v2 or builtin", nearest);
	return -EINVAL;
}

static int check_places(unsigned routes, struct diag *reterr)
{
	for (size_t i = 0; i < SIGNERS; i++)
		for (size_t k = 0; k < i; k++)
			if (routes & 1U << i && routes & 1U << k && signers[i]->place &&
				signers[k]->place &&
				strcmp(signers[i]->place, signers[k]->place) == 0)
				return diag_set(reterr, -EINVAL,
					"'%s' and '%s' are both in %s: a file has one of them",
					signers[k]->name, signers[i]->name, signers[i]->place);
	return 0;
}

int signers_parse(const char *names, unsigned *ret, struct diag *reterr)
{
	_cleanup_free_ char *copy = strdup(names);
	unsigned routes = 1U << signer_find(signer_claim.name);
	char *next = copy, *name;

	if (!copy)
		return diag_set(reterr, -ENOMEM, "out of memory");
	while ((name = strsep(&next, ","))) {
		int place = signer_find(name);
		if (place < 0)
			return unknown_route(name, reterr);
		routes |= 1U << place;
	}
	int r = check_places(routes, reterr);
	if (r == 0)
		*ret = routes;
	return r;
}

int digests_of_file(
	int fd, unsigned routes, struct digests *ret, bool *ret_sealed, struct diag *reterr)
{
	struct digests digests = {0};

	int r = verity_digest(fd, digests.verity, ret_sealed, reterr);
	for (size_t i = 0; r >= 0 && i < SIGNERS; i++)
		if (routes & 1U << i && signers[i]->needs_content)
			r = content_digest(fd, digests.content, reterr);
	if (r >= 0)
		*ret = digests;
	return r;
}

void signatures_done(struct signatures *signatures)
{
	for (size_t i = 0; i < SIGNERS; i++)
		bytes_done(&signatures->by_route[i]);
}

/* A policy is edited and read by content; everything else is identified by the kernel. */
static bool is_to_be_sealed(enum bs_role role)
{
	return role != BS_ROLE_POLICY;
}

int signers_suit(unsigned routes, enum bs_role role, struct diag *reterr)
{
	for (size_t i = 0; i < SIGNERS; i++)
		if (routes & 1U << i && signers[i]->needs_seal && !is_to_be_sealed(role))
			return diag_set(reterr, -EINVAL,
				"a policy is not sealed, so '%s' cannot sign it", signers[i]->name);
	return 0;
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

/* A key that makes signatures which its certificate does not verify must not cost a file. */
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

	int r = signers_suit(request->routes, request->claim.role, reterr);
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

/* Sealed by us just now or by anybody before: with this signature? */
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

/* The place of the route that is sealed in and has a signature, or SIGNERS. */
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

	if (is_to_be_sealed(claim->role))
		r = seal(path, fd, claim, sealed_in, reterr);
	if (r >= 0 && sealed_in)
		r = check_sealed_in(path, fd, signers[inside], sealed_in, reterr);
	for (size_t i = 0; r >= 0 && i < SIGNERS; i++)
		if (signatures->by_route[i].data && !signers[i]->is_sealed_in)
			r = signers[i]->apply(path, fd, &signatures->by_route[i], reterr);
	return r;
}

int claim_of_file(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_bytes_ struct bytes value = {0};

	int r = signer_claim.read(path, fd, &value, reterr);
	return r < 0 ? r : claim_of_value(&value, digest, anchors, ret, ret_anchor, reterr);
}

int claim_of_value(const struct bytes *value, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_free_ X509 **certificates = anchors_certificates(anchors);
	struct digests digests = {0};
	const uint8_t *signature;
	size_t size, index;
	struct claim claim;

	memcpy(digests.verity, digest, sizeof(digests.verity));
	if (!certificates)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = signer_claim.check(value, &digests, certificates, anchors->n, &index, reterr);
	if (r >= 0)
		r = claim_parse(value->data, value->size, &claim, &signature, &size, reterr);
	if (r < 0)
		return r;
	*ret = claim;
	*ret_anchor = &anchors->items[index];
	return 0;
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

	if (is_to_be_sealed(wanted->role) &&
		(verity_digest(request->fd, digest, &enabled, NULL) < 0 || !enabled))
		return false;
	if (claim_of_file(request->path, request->fd, request->digests.verity, &anchors, &claim,
		    &anchor, NULL) < 0 ||
		claim.role != wanted->role || strcmp(claim.name, wanted->name) != 0)
		return false;
	*ret = claim;
	return signatures_are_beside(request);
}
