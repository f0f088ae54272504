/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Many items on all processors: each worker takes the next one, and the results are reported in the
 * order of the items. After SIGINT or SIGTERM the items under way are finished, and no other
 * begins.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WORK_JOBS_LIMIT 256

/* The result of one item. The texts are for standard output and standard error. */
struct outcome {
	unsigned worker; /* its number, below WORK_JOBS_LIMIT: for memory of its own */
	int status;      /* enum exit_status */
	int error;       /* -errno behind it, where there is one */
	unsigned kind;   /* for work_counts */
	FILE *out, *err;
	char *out_text, *err_text;
	size_t out_size, err_size;
};

#define WORK_KINDS 8

struct work {
	size_t n;      /* items */
	unsigned jobs; /* 0: as many as processors */

	/* Called by the workers, for each item once. It writes to outcome->out and ->err only. */
	void (*run)(void *context, size_t item, struct outcome *outcome);
	/*
	 * Called in the order of the items, one after another: prints the texts; may be NULL.
	 */
	void (*done)(void *context, size_t item, const struct outcome *outcome);
	/* Called between them, with the number of those that are done, and while one is awaited. */
	void (*tick)(void *context, size_t done);
	void *context;
};

/* How it ended. */
struct work_result {
	int status;                /* the highest of all outcomes */
	size_t done;               /* items that were run: fewer than n after a signal */
	size_t counts[WORK_KINDS]; /* outcomes of each kind */
	double seconds;
};

/* 0; -ENOMEM or the error of pthread_create(3), before anything was run. */
int work_run(const struct work *work, struct work_result *ret);
