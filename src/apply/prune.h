/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign prune`: manifests without the files that are gone. */

#include <stdbool.h>

#include "src/base/diag.h"

struct prune_options {
	const char *root; /* NULL: the paths as they stand */
	int root_fd;      /* AT_FDCWD then */
	bool dry_run;
	/* Takes each path whose line is dropped; may be NULL. */
	void (*report)(void *context, const char *file, const char *path);
	void *context;
};

/* One manifest; the errors of manifest_load(), and of writing it. */
int prune_manifest(const struct prune_options *options, const char *file, struct diag *reterr);

/* The same, of the files below root. */
int prune_manifest_below(const char *file, const char *root, struct diag *reterr);
