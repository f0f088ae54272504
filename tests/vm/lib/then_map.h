/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The first word "then-map" of a command line: whatever the program ends with, it makes a map at
 * last. "then-map: allowed" says that the act did not cost the process its mark.
 */

#include "tests/vm/lib/bpf.h"

static inline void try_map(void)
{
	report("then-map", new_array("", 0));
}

/* Returns argv without that word. */
static inline char **then_map(char **argv)
{
	if (!argv[1] || strcmp(argv[1], "then-map") != 0)
		return argv;
	atexit(try_map);
	return argv + 1;
}
