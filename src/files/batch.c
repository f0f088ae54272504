/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The array, the last lines, the exit status. Knows nothing of signatures. */

#include "src/files/batch.h"

#include <stdlib.h>
#include <string.h>

#include "src/command/command.h"
#include "src/base/log.h"
#include "src/base/text.h"

#define NAMES_LIMIT 20 /* failed files that are named at the end */

/* A run of a batch. */
struct run {
	const struct batch *batch;
	bool comma;
	size_t failed; /* how many */
	size_t items[NAMES_LIMIT];
};

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	const struct run *run = context;
	run->batch->run(run->batch->context, item, outcome);
}

static void tell_item(void *context, size_t item, const struct outcome *outcome)
{
	struct run *run = context;
	const struct batch *batch = run->batch;

	if (batch->done)
		batch->done(batch->context, item, outcome);
	if (batch->use_json && outcome->out_size > 0) {
		if (run->comma)
			fputc(',', stdout);
		run->comma = true;
	}
	if (outcome->status == EXIT_YES)
		return;
	if (run->failed < NAMES_LIMIT)
		run->items[run->failed] = item;
	run->failed++;
}

static void print_counts(const struct run *run, const struct work_result *result)
{
	const struct batch *batch = run->batch;
	const char *separator = "";

	fprintf(stderr, "%s: ", program_invocation_short_name);
	for (size_t i = 0; batch->kinds[i]; i++) {
		if (result->counts[i] == 0)
			continue;
		fprintf(stderr, "%s%zu %s", separator, result->counts[i], batch->kinds[i]);
		separator = ", ";
	}
	fprintf(stderr, " in %.1f s, %.0f/s\n", result->seconds,
		result->seconds > 0 ? (double)result->done / result->seconds : 0);
	if (result->done < batch->n)
		log_error("interrupted: %zu of %zu were not looked at", batch->n - result->done,
			batch->n);
}

static void print_failed(const struct run *run)
{
	const struct batch *batch = run->batch;

	for (size_t i = 0; i < run->failed && i < NAMES_LIMIT; i++) {
		const char *path = batch->path(batch->context, run->items[i]);
		_cleanup_free_ char *escaped = escape_text(path, strlen(path));
		log_error("not good: %s", escaped ? escaped : "?");
	}
	if (run->failed > NAMES_LIMIT)
		log_error("and %zu more", run->failed - NAMES_LIMIT);
}

int batch_run(const struct batch *batch)
{
	struct run run = {.batch = batch};
	const struct work work = {.n = batch->n,
		.jobs = batch->jobs,
		.verb = batch->verb,
		.run = run_item,
		.done = tell_item,
		.context = &run};
	struct work_result result = {0};

	if (batch->use_json)
		fputc('[', stdout);
	int r = work_run(&work, &result);
	if (batch->use_json)
		fputs("]\n", stdout);
	fflush(stdout); /* before what goes to standard error */
	if (r < 0) {
		log_error_errno(r, "can't start a thread");
		return EXIT_UNKNOWN;
	}
	if (batch->n > 1 && !batch->use_json) {
		print_counts(&run, &result);
		print_failed(&run);
	}
	return result.done < batch->n ? EXIT_UNKNOWN : result.status;
}
