/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For programs that try one thing after the other: "STEP: allowed" or "STEP: ERRNO" for each, the
 * end with the first that was refused. Exit status as of probe:
 *   0 allowed   1 refused with EPERM   2 could not try   3 refused with another errno
 */

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ALLOWED, REFUSED, COULD_NOT_TRY, OTHER_ERRNO };

/* Prints what became of it; does not return when it was refused. */
static inline int step(const char *what, long r)
{
	int e = errno;

	printf("%s: %s\n", what, r >= 0 ? "allowed" : strerrorname_np(e));
	fflush(stdout);
	if (r < 0)
		exit(e == EPERM ? REFUSED : OTHER_ERRNO);
	return (int)r;
}

static inline void could_not_try(const char *why)
{
	fprintf(stderr, "could not try: %s: %s\n", why, strerror(errno));
	exit(COULD_NOT_TRY);
}

static inline long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/*
 * As the first word of a command line, "then-map": whatever the end is, and whoever refused, tries
 * bpf() at last: "then-map: allowed" says that the mark is still there.
 */
static inline void try_map(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY};

	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	printf("then-map: %s\n",
		bpf(BPF_MAP_CREATE, &attr) >= 0 ? "allowed" : strerrorname_np(errno));
}

static inline char **then_map(char **argv)
{
	if (!argv[1] || strcmp(argv[1], "then-map") != 0)
		return argv;
	atexit(try_map);
	return argv + 1;
}

static inline uint64_t pointer(const void *to)
{
	return (uintptr_t)to;
}
