/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a manifest to the files that it is about. */

#include <stdlib.h>

#include "src/base/base.h"
#include "src/manifest/manifest.h"

int manifest_select(
	const struct manifest *manifest, struct selection *selection, struct diag *reterr)
{
	_cleanup_free_ char **paths = calloc(manifest->n + 1, sizeof(*paths));

	if (!paths)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < manifest->n; i++)
		paths[i] = manifest->entries[i].path;
	return select_fill(selection, paths, reterr);
}
