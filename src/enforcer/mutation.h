/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Faults on purpose, for the watchbpf that tests build for themselves; the installed one has no
 * such switch. mutation_skips(): is this hook (or one of several, with commas) left out?
 * mutation_point(): a place where the process may die: the BPFSIGN_DIE_AT-th that it comes to kills
 * it.
 */

#include <stdbool.h>

#ifdef BPFSIGN_MUTATION
#include <signal.h>
#include <stdlib.h>
#include <string.h>

__attribute__((weak)) int mutation_points; /* one for all files: the linker merges weak symbols */

static inline void mutation_point(void)
{
	const char *last = getenv("BPFSIGN_DIE_AT");

	if (last && ++mutation_points == atoi(last))
		raise(SIGKILL);
}

static inline bool mutation_skips(const char *program)
{
	const char *hook = program + strlen("on_"), *without = getenv("BPFSIGN_WITHOUT_HOOK");

	for (size_t n; without && *without; without += n + (without[n] == ',')) {
		n = strcspn(without, ",");
		if (n == strlen(hook) && strncmp(without, hook, n) == 0)
			return true;
	}
	return false;
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
#endif
