/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The line of progress. */

#include "src/files/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL 0.2 /* seconds between two lines; what is over before has none */

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_start(struct progress *progress, const char *verb, size_t n)
{
	*progress = (struct progress){
		.verb = verb, .n = n, .wanted = verb && n > 1 && isatty(STDERR_FILENO)};
	progress->begin = progress->shown = seconds_now();
}

void progress_show(struct progress *progress, size_t done)
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

void progress_clear(struct progress *progress)
{
	if (progress->visible)
		fputs("\r\033[K", stderr);
	progress->visible = false;
}
