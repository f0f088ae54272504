/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Faults on purpose, for the watchbpf that tests build for themselves; the installed one has no
 * such switch. mutation_skips(): is this hook (or one of several, with commas) left out?
 * mutation_point(): a place where the process may die: the BPFSIGN_DIE_AT-th that it comes to kills
 * it. mutation_stop(): a place that BPFSIGN_STOP_AT names (or one of several) stops it, until
 * somebody has it go on. mutation_is(): is a fault, or a check, of that name wanted?
 * mutation_report(): prints how many decisions rested on what was not whole, when that has moved.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef BPFSIGN_MUTATION
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"

__attribute__((weak)) int mutation_points; /* one for all files: the linker merges weak symbols */

static inline void mutation_point(void)
{
	const char *last = getenv("BPFSIGN_DIE_AT");

	if (last && ++mutation_points == atoi(last))
		raise(SIGKILL);
}

/* Does a variable of the environment have the name in its list? */
static inline bool mutation_names(const char *variable, const char *name)
{
	const char *names = getenv(variable);

	for (size_t n; names && *names; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		if (n == strlen(name) && strncmp(names, name, n) == 0)
			return true;
	}
	return false;
}

static inline bool mutation_skips(const char *program)
{
	return mutation_names("BPFSIGN_WITHOUT_HOOK", program + strlen("on_"));
}

static inline void mutation_stop(const char *place)
{
	if (mutation_names("BPFSIGN_STOP_AT", place))
		raise(SIGSTOP);
}

static inline bool mutation_is(const char *name)
{
	return getenv(name) != NULL;
}

static inline void mutation_report(uint32_t contradictions)
{
	static int64_t reported = -1;

	if (mutation_is("BPFSIGN_COUNT") && reported != contradictions)
		log_info("contradictions: %u", contradictions);
	reported = contradictions;
}
#else
static inline void mutation_point(void)
{
}

static inline bool mutation_skips(const char *program)
{
	(void)program;
	return false;
}

static inline void mutation_stop(const char *place)
{
	(void)place;
}

static inline bool mutation_is(const char *name)
{
	(void)name;
	return false;
}

static inline void mutation_report(uint32_t contradictions)
{
	(void)contradictions;
}
#endif
