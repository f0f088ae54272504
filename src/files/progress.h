/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One line about how far it is, with rate and time left; on a terminal at standard error only. */

#include <stdbool.h>
#include <stddef.h>

struct progress {
	const char *verb;
	size_t n;
	double begin, shown; /* seconds, CLOCK_MONOTONIC */
	bool wanted, visible;
};

void progress_start(struct progress *progress, const char *verb, size_t n);
void progress_show(struct progress *progress, size_t done); /* not more often than is readable */
void progress_clear(struct progress *progress);             /* before anything else is printed */
