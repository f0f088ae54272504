/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All entries of a manifest, on all processors. */

#include <stdlib.h>

#include "src/apply/apply.h"
#include "src/files/batch.h"
#include "src/base/base.h"

void apply_done(struct apply *apply)
{
	selection_done(&apply->selection);
	manifest_done(&apply->manifest);
	free(apply->certificates);
	anchors_done(&apply->anchors);
	layers_done(&apply->layers);
}

static int load_manifest(struct apply *apply, struct diag *reterr)
{
	int r = manifest_load(apply->file, &apply->manifest, reterr);

	return r < 0 ? r : manifest_select(&apply->manifest, &apply->selection, reterr);
}

int apply_load(struct apply *apply, struct diag *reterr)
{
	int r = apply->layers.roots.n ? layers_load(apply, reterr) : load_manifest(apply, reterr);

	if (r >= 0)
		r = anchors_load(&apply->anchors, reterr);
	if (r >= 0 && !(apply->certificates = anchors_certificates(&apply->anchors)))
		r = diag_set(reterr, -ENOMEM, "out of memory");
	return r;
}

static const char *path_of(void *context, size_t item)
{
	const struct apply *apply = context;
	return apply->selection.targets[item].path;
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	apply_entry(context, item, outcome);
}

int apply_all(struct apply *apply)
{
	const struct batch batch = {.verb = "applying",
		.kinds = apply_results,
		.use_json = apply->use_json,
		.jobs = (unsigned)apply->selection.jobs,
		.n = apply->manifest.n,
		.path = path_of,
		.run = run_item,
		.context = apply};

	int status = batch_run(&batch);
	return status > apply->layers.status ? status : apply->layers.status;
}
