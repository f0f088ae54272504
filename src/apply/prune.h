/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Manifests without the files that are gone. */

#include <stdbool.h>

#include "src/base/json.h"

struct prune {
	const char *root; /* NULL: the paths as they stand */
	bool all, dry_run, use_json;
	int root_fd;
	struct json json;
};

/* One manifest, told by its lines; enum exit_status. */
int prune_one(struct prune *prune, const char *file);

/* The same, of the files below root. */
int prune_file(const char *file, const char *root);
