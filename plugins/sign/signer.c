/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of the signing routes, and the digests and the claim of a file. */

#include "plugins/sign/signer.h"

#include <string.h>

#include "plugins/sign/content.h"
#include "plugins/sign/verity.h"
#include "src/base/text.h"

const struct signer *const signers[] = {
	&signer_claim, &signer_ima, &signer_ima_file, &signer_builtin, NULL};
_Static_assert(ARRAY_SIZE(signers) == SIGNERS + 1, "SIGNERS is the number of routes");

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

static int check_slots(unsigned routes, struct diag *reterr)
{
	for (size_t i = 0; i < SIGNERS; i++)
		for (size_t k = 0; k < i; k++)
			if (routes & 1U << i && routes & 1U << k && signers[i]->slot &&
				signers[k]->slot && strcmp(signers[i]->slot, signers[k]->slot) == 0)
				return diag_set(reterr, -EINVAL,
					"'%s' and '%s' are both in %s: a file has one of them",
					signers[k]->name, signers[i]->name, signers[i]->slot);
	return 0;
}

int signer_parse(const char *names, unsigned *ret, struct diag *reterr)
{
	_cleanup_free_ char *copy = strdup(names);
	unsigned routes = 1U << signer_find(signer_claim.name);
	char *next = copy, *name;

	if (!copy)
		return diag_set(reterr, -ENOMEM, "out of memory");
	while ((name = strsep(&next, ","))) {
		int slot = signer_find(name);
		if (slot < 0)
			return unknown_route(name, reterr);
		routes |= 1U << slot;
	}
	int r = check_slots(routes, reterr);
	if (r == 0)
		*ret = routes;
	return r;
}

int signer_digests(
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

bool signer_seals(enum bs_role role)
{
	return role != BS_ROLE_POLICY;
}

int signer_suit(unsigned routes, enum bs_role role, struct diag *reterr)
{
	for (size_t i = 0; i < SIGNERS; i++)
		if (routes & 1U << i && signers[i]->needs_seal && !signer_seals(role))
			return diag_set(reterr, -EINVAL,
				"a policy is not sealed, so '%s' cannot sign it", signers[i]->name);
	return 0;
}

int signer_read_claim(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_bytes_ struct bytes value = {0};

	int r = signer_claim.read(path, fd, &value, reterr);
	return r < 0 ? r : signer_check_claim(&value, digest, anchors, ret, ret_anchor, reterr);
}

int signer_check_claim(const struct bytes *value, const uint8_t digest[BS_DIGEST_SIZE],
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
