/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The signature of a policy. */

#include "keyring/anchors.h"
#include "keyring/claim.h"

/*
 * The claim of a policy that is open as fd, checked against the anchors and the bytes' digest: of
 * its extended attribute or, where it has none, as in an initrd or a ConfigMap, of the line for
 * these bytes in the manifest PATH.manifest. 0 and the claim; the errors of
 * signer_read_claim(), -ENODATA when there is neither, and those of manifest_load().
 */
int policy_signature_find(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr);
