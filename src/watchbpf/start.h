/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The start of the enforcement, for watch.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/watchbpf/prepare.h"

struct start_options {
	uint32_t mode; /* enum bs_mode */
	bool every_exec;
	uint32_t adopted[16]; /* ids of foreign programs that may stay */
	size_t n_adopted;
	bool adopt_init;        /* also the LSM programs that PID 1 holds */
	const char *initrd;     /* in an initrd: where the real root is mounted; else NULL */
	uint32_t initrd_device; /* found by start_may_begin() */
};

/*
 * One start at a time: a second one would remove what the first has pinned so far. Waits for its
 * turn, ten minutes at most. The descriptor of a lock (flock(2)), which
 * ends with it and at an exec; -EBUSY; another -errno where there is no place for a lock, as in an
 * initrd, where one begins.
 */
int start_lock(void);

/*
 * May the enforcement of this policy file begin? The one place that asks, before anything is
 * attached: is this an initrd where --initrd says so (-EINVAL), does the kernel have what it takes
 * (-EOPNOTSUPP with the first thing that is missing and its cure), is the policy signed, coherent
 * and compiled (errors of prepare()), would it lock out this program (-EPERM), does a foreign
 * program stand in the way (-EEXIST). The two questions that only attached hooks can answer, the
 * stock of sealed files and the proof of this program, belong to start_enforcement(). *ret belongs
 * to the caller, after an error too.
 */
int start_may_begin(
	struct start_options *start, const char *policy, struct prepared *ret, struct diag *reterr);

/*
 * Begins, and tells what was loaded before and who must be executed again; what enforcer_start()
 * returns.
 */
int start_enforcement(
	const struct start_options *start, const struct prepared *prepared, struct diag *reterr);

/*
 * The starter was executed unmarked, so it becomes what the policy says of its own file. Returns
 * -errno or not at all.
 */
int start_again(char **argv);
