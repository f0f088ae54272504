/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One command over many files: a line for each or a JSON array, and the counts at the end. */

#include "src/base/diag.h"
#include "src/files/work.h"

struct claim;
struct json;

/* The result of one file. */
struct report {
	const char *path, *result;
	const struct claim *claim; /* NULL: none is known */
	const struct diag *diag;   /* NULL, or without a message: it went well */
};

/* Prints it: the object, or a line on out, or its diag on err. json is NULL for text. */
void batch_print(FILE *out, FILE *err, struct json *json, const struct report *report);

/* The same to an outcome's streams. */
void batch_report(struct outcome *outcome, bool use_json, const struct report *report);

/* A warning about a file whose result is good, and the reason. */
void batch_warn(struct outcome *outcome, const char *warning, const struct diag *why);

struct batch {
	const char *verb;         /* "signing" */
	const char *const *kinds; /* names of outcome->kind: "signed", …; ends with NULL */
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
