/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A library without code, so that none of its mappings is executable. The loader relocates its
 * constructors, and calls them: they are in the C library, which is the program's own. This one
 * needs no argument, and prints "Arena 0:".
 */

#include <malloc.h>

__attribute__((section(".init_array"), used)) static void (*const constructors[])(void) = {
	malloc_stats};
