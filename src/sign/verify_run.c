/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All files of a `verify`, on all processors. */

#include "src/files/batch.h"
#include "src/sign/verify.h"

static const char *path_of(void *context, size_t item)
{
	const struct verify *verify = context;
	return verify->selection.targets[item].path;
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	verify_target(context, item, outcome);
}

int verify_all(struct verify *verify)
{
	const struct batch batch = {.verb = "verifying",
		.kinds = verify_results,
		.use_json = verify->use_json,
		.jobs = (unsigned)verify->selection.jobs,
		.n = verify->selection.n,
		.path = path_of,
		.run = run_item,
		.context = verify};

	return batch_run(&batch);
}
