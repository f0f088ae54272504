/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Applying one entry of a manifest to the file that it is of, and saying what became of it. */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "manifest.h"
#include "select.h"
#include "work.h"

/* What can become of a file, as outcome->kind. */
enum apply_result {
	APPLY_DONE,
	APPLY_ALREADY,
	APPLY_WOULD,
	APPLY_OTHER_BYTES,
	APPLY_UNKNOWN_KEY,
	APPLY_FAILED,
};
extern const char *const apply_results[]; /* "applied", …; ends with NULL */

/* What the command line asks for. */
struct apply {
	const char *file;
	bool force, unverified, dry_run, use_json;
	struct manifest manifest;
	struct selection selection; /* a target for each entry, in the same order */
	struct anchors anchors;
	X509 **certificates; /* the anchors', in the same order */
};

/* Reads the manifest and what is enrolled; the manifest's, the selection's and the anchors' errors.
 */
int apply_load(struct apply *apply, struct diag *reterr);

/* All entries, told by their lines; enum exit_status. */
int apply_all(struct apply *apply);

void apply_done(struct apply *apply);

/* Checks bytes and signatures, then seals the file and writes them, unless that is so already. */
void apply_entry(struct apply *apply, size_t item, struct outcome *outcome);
