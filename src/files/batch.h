/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One command over many files: their lines or a JSON array, and at the end what became of them. */

#include "src/files/work.h"

struct batch {
	const char *verb;         /* "signing" */
	const char *const *kinds; /* what outcome->kind stands for: "signed", …; ends with NULL */
	bool use_json;            /* run() prints one object, or nothing, into outcome->out */
	unsigned jobs;
	size_t n;
	const char *(*path)(void *context, size_t item);
	void (*run)(void *context, size_t item, struct outcome *outcome);
	void (*done)(void *context, size_t item, const struct outcome *outcome); /* may be NULL */
	void *context;
};

/*
 * Runs it; enum exit_status, EXIT_UNKNOWN after a signal. More than one file have a line at the
 * end, on standard error, and after it the names of those that failed.
 */
int batch_run(const struct batch *batch);
