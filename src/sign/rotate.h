/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signs again, by a new key, the files that an old key of the same signer signed. */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "keyring/claim.h"
#include "keyring/key.h"

enum rotate_result {
	ROTATE_SIGNED,
	ROTATE_WOULD,
	ROTATE_ALREADY,
	ROTATE_LEFT_ALONE,
	ROTATE_FAILED,
};
const char *rotate_word(enum rotate_result result); /* "left alone" */

struct rotate_options {
	const struct key *key;     /* the new one */
	const struct anchors *old; /* the signer's other keys */
	bool dry_run;
	/* Takes the result of a file: the claim of a signed one, else diag says the reason. */
	void (*report)(void *context, const char *path, enum rotate_result result,
		const struct claim *claim, const struct diag *diag);
	void *context;
};

/*
 * One file: when its claim is by an old key and right, the same is signed again with the new key:
 * name, role, sequence, and each other signature of the old key that it has. Any other file is left
 * alone, which is reported for a named one. -errno when it should have been signed and was not: the
 * old key must stay.
 */
int rotate_file(const struct rotate_options *options, const char *path, bool named);

/* All files below a directory, on the same file system; symbolic links are not followed. */
int rotate_tree(const struct rotate_options *options, const char *directory);
