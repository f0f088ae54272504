/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All that is printed about many files: a line or an object for each, the progress on a terminal,
 * the counts at the end. The exit status is the highest of all.
 */

#include "src/files/batch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyring/claim.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/command/command.h"
#include "src/names/names.h"

#define NAMES_LIMIT 20  /* failed files that are named at the end */
#define INTERVAL    0.2 /* seconds between two lines of progress; a shorter run has none */

/* --- one file ------------------------------------------------------------------------------- */

static void print_json(struct json *json, const struct report *report)
{
	json_object_begin(json, NULL);
	json_string(json, "path", report->path);
	json_string(json, "result", report->result);
	if (report->claim) {
		json_string(json, "name", report->claim->name);
		json_string(json, "role", role_name(report->claim->role));
		json_unsigned(json, "sequence", report->claim->sequence);
	}
	if (report->diag) {
		json_string(json, "message", report->diag->message);
		json_string(json, "hint", report->diag->hint);
	}
	json_object_end(json);
}

static void print_text(FILE *out, const struct report *report)
{
	_cleanup_free_ char *path = escape_text(report->path, strlen(report->path));
	const struct claim *claim = report->claim;

	fprintf(out, "%s: %s", path ? path : "?", report->result);
	if (claim)
		fprintf(out, " as %s, %s, sequence %" PRIu64, claim->name, role_name(claim->role),
			claim->sequence);
	fputc('\n', out);
}

void batch_print(FILE *out, FILE *err, struct json *json, const struct report *report)
{
	if (json)
		print_json(json, report);
	else if (report->diag && report->diag->message[0])
		diag_write(err, report->diag);
	else
		print_text(out, report);
}

void batch_report(struct outcome *outcome, bool use_json, const struct report *report)
{
	struct json json;

	json_start(&json, outcome->out);
	batch_print(outcome->out, outcome->err, use_json ? &json : NULL, report);
}

void batch_warn(struct outcome *outcome, const char *warning, const struct diag *why)
{
	log_warning_to(outcome->err, "%s", warning);
	diag_write(outcome->err, why);
}

/* --- progress ------------------------------------------------------------------------------- */

/* One line with rate and time left; on a terminal at standard error only. */
struct progress {
	const char *verb;
	size_t n;
	double begin, shown; /* seconds, CLOCK_MONOTONIC */
	bool wanted, visible;
};

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void progress_start(struct progress *progress, const char *verb, size_t n)
{
	*progress = (struct progress){
		.verb = verb, .n = n, .wanted = verb && n > 1 && isatty(STDERR_FILENO)};
	progress->begin = progress->shown = seconds_now();
}

static void progress_show(struct progress *progress, size_t done)
{
	double now;

	if (!progress->wanted || (now = seconds_now()) - progress->shown < INTERVAL)
		return;
	double rate = (double)done / (now - progress->begin);
	fprintf(stderr, "\r\033[K%s: %zu of %zu, %.0f/s", progress->verb, done, progress->n, rate);
	if (rate > 0)
		fprintf(stderr, ", %.0f s left", (double)(progress->n - done) / rate);
	fflush(stderr);
	progress->shown = now;
	progress->visible = true;
}

static void progress_clear(struct progress *progress)
{
	if (progress->visible)
		fputs("\r\033[K", stderr);
	progress->visible = false;
}

/* --- all files ------------------------------------------------------------------------------ */

/* A run of a batch. */
struct run {
	const struct batch *batch;
	struct progress progress;
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
	if (outcome->out_size || outcome->err_size)
		progress_clear(&run->progress);
	if (batch->use_json && outcome->out_size > 0) {
		if (run->comma)
			fputc(',', stdout);
		run->comma = true;
	}
	fwrite(outcome->out_text, 1, outcome->out_size, stdout);
	if (outcome->err_size) {
		fflush(stdout); /* in order, where both go to one place */
		fwrite(outcome->err_text, 1, outcome->err_size, stderr);
	}
	if (outcome->status == EXIT_YES)
		return;
	if (run->failed < NAMES_LIMIT)
		run->items[run->failed] = item;
	run->failed++;
}

static void show_progress(void *context, size_t done)
{
	struct run *run = context;
	progress_show(&run->progress, done);
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
		.run = run_item,
		.done = tell_item,
		.tick = show_progress,
		.context = &run};
	struct work_result result = {0};

	if (batch->use_json)
		fputc('[', stdout);
	progress_start(&run.progress, batch->verb, batch->n);
	int r = work_run(&work, &result);
	progress_clear(&run.progress);
	if (batch->use_json)
		fputs("]\n", stdout);
	fflush(stdout); /* before the lines on standard error */
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
