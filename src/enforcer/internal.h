/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files enforcer*.c share. */

#include "src/enforcer/enforcer.h"

struct enforce; /* the skeleton */

/* Attaches every program of the object and pins what keeps it attached. */
int attach_all(struct enforce *skeleton, struct diag *reterr);

/* Takes the programs from the root cgroup that pins in ENFORCER_PINS name; 0 without any. */
int detach_all(void);

/* Unlinks every file of the directory and the directory itself; -ENOENT when there is none. */
int pins_remove(const char *directory);

/* The numbers of all maps and programs that exist now; the caller frees *ret. */
struct inventory;
int inventory_take(struct inventory **ret);
void inventory_free(struct inventory **inventory);

/* Obtains each of them, which the hooks write down while nothing is denied yet. */
void inventory_show(const struct inventory *inventory, struct enforcer_before *ret);

/* Calls a command of abi.h with one number: 0 when the hook answers it, else -errno. */
int enforcer_call(long command, int number);

/*
 * Taints sealed files that are in memory, and settles those that can be; the others are told of.
 * taints_fd: of the map. -errno with *reterr filled.
 */
int sealed_inventory(int taints_fd, struct diag *reterr);

/* Fills a new policy map, freezes it and stores it in slot 0 of the outer one. */
int policy_publish(int policies_fd, const struct image *image);

/* The highest sequences seen, from a file into the map; no file is fine. */
int sequences_restore(int map_fd, const char *path);

/* The same out of the map, as text. Heap, or NULL. */
char *sequences_show(int map_fd);

bool id_is_listed(uint32_t id, const uint32_t *ids, size_t n);

/*
 * mutation_skips(): is this hook (or one of several, with commas) left out on purpose?
 * mutation_point(): a place where the process may die: the BPFSIGN_DIE_AT-th that it comes to kills
 * it. Only in the watchbpf that tests build for themselves; the one that is installed has no such
 * switch.
 */
#ifdef BPFSIGN_MUTATION
#include <signal.h>
#include <stdlib.h>
#include <string.h>
static inline void mutation_point(void)
{
	static int points;
	const char *last = getenv("BPFSIGN_DIE_AT");

	if (last && ++points == atoi(last))
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
