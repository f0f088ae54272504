/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signing again, by a new key, what an old one of the same signer signed. */

#include <stdbool.h>

#include "src/base/json.h"
#include "keyring/anchors.h"
#include "keyring/key.h"

struct rotate {
	const char *signer;
	struct key key; /* the new one */
	/* of the signer's other keys; the items are not owned, the array is */
	struct anchors old;
	bool dry_run, use_json;
	struct json json;
	bool failed; /* some file could not be signed again: the old key must stay */
};

/*
 * One file: when its claim is by an old key and right, the same is signed again with the new key:
 * name, role, sequence, and what other signatures of the old key it has. Others are left alone,
 * which is said of those that were named. Sets rotate->failed when it should have been signed and
 * was not.
 */
void rotate_file(struct rotate *rotate, const char *path, bool named);

/* All files below a directory, on the same file system; symbolic links are not followed. */
void rotate_tree(struct rotate *rotate, const char *directory);
