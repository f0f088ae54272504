/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Words for kernel and ABI numbers, both ways; the words are libbpf's and the .def files'. */

#include <stddef.h>

/* "xdp" for BPF_PROG_TYPE_XDP; NULL for a number that has no name here. */
const char *prog_type_name(unsigned type);
/* The number of "xdp", or -ENOENT; also for "unspec", which no program that loads has. */
int prog_type_find(const char *name);
/* Every name that prog_type_find() knows, for "did you mean" and completion. Static. */
const char *const *prog_type_names(size_t *ret_n);

/* "cgroup_inet_ingress" for BPF_CGROUP_INET_INGRESS; NULL for a number without a name. */
const char *attach_type_name(unsigned type);

const char *map_type_name(unsigned type); /* "hash"; NULL without a name */

/* The words of the policy for 0 and 1. Static. */
const char *const *switch_names(size_t *ret_n); /* "deny", "allow" */
const char *const *truth_names(size_t *ret_n);  /* "false", "true" */

/* The conditions that `require:` can name. */
enum condition {
	CONDITION_IMA,
	CONDITION_BUILTIN,
};

/* The words for enum condition, by number. Static. */
const char *const *condition_names(size_t *ret_n);

/* The words of `user-namespace:`. Static. */
const char *const *namespace_names(size_t *ret_n); /* "init", "any" */

/* The words for enum bs_libraries, by number. Static. */
const char *const *libraries_names(size_t *ret_n);

/* The words of the policy for enum bs_scope and enum bs_access, by number. Static. */
const char *const *scope_names(size_t *ret_n);
const char *const *map_access_names(size_t *ret_n);     /* "none", "ro", "rw" */
const char *const *program_access_names(size_t *ret_n); /* "none", "use", "replace" */

/*
 * "sha256" of the kernel's enum hash_algo, and the bytes of such a hash; NULL for an unknown one.
 */
const char *hash_name(unsigned algorithm, size_t *ret_size);

/* The words for enum bs_level and enum bs_lockdown, by number. Static. */
const char *const *level_names(size_t *ret_n);
const char *const *lockdown_names(size_t *ret_n);

/* Never NULL: "unknown" for a number outside the list. */
const char *role_name(unsigned role);
const char *op_name(unsigned op);
const char *reason_name(unsigned reason);
const char *reason_sentence(unsigned reason);
const char *reason_cure(unsigned reason);

int role_find(const char *name); /* enum bs_role, or -ENOENT; also for "none" */
