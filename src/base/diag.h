/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What went wrong, for the code that prints it. Libraries (keyring/, plugins/,
 * policy, image, record) fill a diag and return -errno; only the code behind
 * main() prints, once, with diag_print().
 */

#include <stdarg.h>
#include <stdio.h>

struct diag {
	char message[1024];    /* names the thing in quotes, says what happened */
	char hint[512];        /* the cure; may be empty */
	char file[4096];       /* of the input that is wrong; may be empty */
	unsigned line, column; /* from 1; 0: not known */
};

/*
 * Fills *reterr (which may be NULL) and returns r, so that a caller can write
 * `return diag_set(reterr, -EINVAL, "…")`. The hint and position are cleared.
 */
int diag_set(struct diag *reterr, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets the cure of an already filled diag; NULL is fine. */
void diag_hint(struct diag *reterr, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets where in an input it went wrong; line and column count from 1. */
void diag_at(struct diag *reterr, const char *file, unsigned line, unsigned column);

/*
 * "PROGRAM: FILE:LINE:COLUMN: MESSAGE; HINT" on stderr. Bytes that could drive a
 * terminal are escaped.
 */
void diag_print(const struct diag *diag);
void diag_write(FILE *out, const struct diag *diag);
