/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Helpers and kfuncs by name: their numbers come from a kernel's BTF (enum bpf_func_id and the
 * FUNCs), their groups from bpf/contract/functions.def. Names are as in a program's source:
 * "bpf_probe_read_kernel".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"
#include "src/base/diag.h"

/* enum bs_group of bpf/contract/groups.def; a set of groups is a mask of bits 1 << group. */
enum function_group {
#define GROUP(id, word, doc) FUNCTION_GROUP_##id,
#include "bpf/contract/groups.def"
#undef GROUP
	FUNCTION_GROUP_END,
};

struct functions; /* the helpers and kfuncs of one kernel */

/*
 * Reads them from the BTF file at path; NULL: the running kernel's, /sys/kernel/btf/vmlinux.
 * -errno of open(2), -EINVAL when it is no BTF or without enum bpf_func_id. The caller owns *ret.
 */
int functions_load(const char *path, struct functions **ret, struct diag *reterr);
void functions_free(struct functions **functions); /* safe on NULL */
#define _cleanup_functions_ _cleanup_(functions_free)

/* The kernel's number of a helper: enum bpf_func_id, or -ENOENT. */
int functions_helper(const struct functions *functions, const char *name);

/* Its name, or NULL where this kernel has no such number. Valid as long as functions. */
const char *functions_helper_name(const struct functions *functions, unsigned helper);

/* The BTF id (vmlinux) of a kernel function, or -ENOENT. Kfunc or not is not told by it. */
int functions_kfunc(const struct functions *functions, const char *name);

/* The name of a kernel function by BTF id, or NULL. */
const char *functions_kfunc_name(const struct functions *functions, uint32_t btf_id);

/* Every function of bpf/contract/functions.def, as a text for messages and `did you mean`. */
const char *const *function_names(size_t *ret_n);

/* Is it in bpf/contract/functions.def? Among the helpers there? */
bool function_is_known(const char *name);
bool function_is_helper(const char *name);

/* Mask of the groups it is in; one that functions.def does not have is in all of them. */
uint32_t function_groups(const char *name);

/* "kernel-reads" to FUNCTION_GROUP_KERNEL_READS, or -ENOENT. */
int function_group_find(const char *word);
const char *function_group_name(unsigned group); /* "unknown" beyond the last */
const char *function_group_doc(unsigned group);

/* A word for several functions: a group's, or FUNCTION_PLAIN for those that are in none. */
bool function_is_group(const char *word);
#define FUNCTION_PLAIN "plain"

/*
 * The policy's table of kfuncs: those of functions.def that this kernel has and the n_more BTF
 * ids beside them, ascending, each once. -E2BIG when they do not fit.
 */
int functions_table(const struct functions *functions, const uint32_t *more, size_t n_more,
	struct bs_kfuncs *ret);
