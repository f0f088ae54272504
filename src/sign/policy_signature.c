/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finds the signature of a policy: an extended attribute or, where files have none, a line of the
 * manifest beside the file.
 */

#include "src/sign/policy_signature.h"

#include <string.h>

#include "plugins/sign/signer.h"
#include "src/base/text.h"
#include "src/manifest/manifest.h"

/*
 * The claim over these bytes, in any line; -ESTALE: there are other policies only; -ENODATA: there
 * is no policy.
 */
static int find_claim(const struct manifest *manifest, const uint8_t digest[BS_DIGEST_SIZE],
	const struct bytes **ret)
{
	int route = signer_find(signer_claim.name), r = -ENODATA;

	for (size_t i = 0; i < manifest->n; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		const struct bytes *claim = &entry->signatures.by_route[route];
		if (!claim->data || entry->claim.role != BS_ROLE_POLICY)
			continue;
		*ret = claim;
		if (memcmp(entry->digests.verity, digest, BS_DIGEST_SIZE) == 0)
			return 0;
		r = -ESTALE;
	}
	return r;
}

static int signature_in_manifest(const char *file, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	const struct bytes *claim;

	int r = manifest_load(file, &manifest, reterr);
	if (r == 0)
		r = find_claim(&manifest, digest, &claim);
	if (r == 0)
		return signer_check_claim(claim, digest, anchors, ret, ret_anchor, reterr);
	if (r != -ESTALE)
		return r;
	diag_set(reterr, -ESTALE, "the policy's signature in '%s' is for other bytes", file);
	diag_hint(reterr, "bpfsign sign --role policy --key KEY --manifest '%s' POLICY", file);
	return -ESTALE;
}

int policy_signature_find(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr)
{
	_cleanup_free_ char *manifest = format_text("%s.manifest", path);
	struct diag why;

	int r = signer_read_claim(path, fd, digest, anchors, ret, ret_anchor, reterr);
	if (r != -ENODATA || !manifest)
		return r;
	int found = signature_in_manifest(manifest, digest, anchors, ret, ret_anchor, &why);
	if (found == -ENOENT || found == -ENODATA)
		return r; /* with its diag */
	if (found < 0 && reterr)
		*reterr = why;
	return found;
}
