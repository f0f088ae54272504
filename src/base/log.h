/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Messages of the two programs on stderr. Never called by a library. */

#include "src/base/diag.h"

/* "PROGRAM: message: strerror(-r)"; returns r. r is evaluated once, before any I/O. */
int log_error_errno(int r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "PROGRAM: message". */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and to the kernel's log, which reaches the console. */
void log_alert(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning_to(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what a library said and returns r. */
int log_diag(int r, const struct diag *diag);
