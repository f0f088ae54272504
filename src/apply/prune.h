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

/*
 * A manifest of this system's files, where somebody else's directories may be: manifest_load_way(),
 * and written where it was found. 0 or -errno.
 */
int prune_manifest_guarded(const char *file, struct diag *reterr);
