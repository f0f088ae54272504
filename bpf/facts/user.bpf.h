/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which user the current task counts as, where each has a share. */

#include "bpf/kernel/kernel.bpf.h"

/* create_user_ns() of kernel/user_namespace.c refuses a level above 32 */
#define NAMESPACE_LEVELS 33

/* The way from a user namespace to the initial one. */
struct user_search {
	struct user_namespace *at;
	__u32 maker;  /* of the outermost one that is not the initial one */
	__u32 number; /* of that one, as nsfs numbers it */
};

static int to_parent(__u32 unused_index, struct user_search *search)
{
	struct user_namespace *at = search->at;

	if (!BPF_CORE_READ(at, level))
		return 1;
	search->maker = BPF_CORE_READ(at, owner.val);
	search->number = BPF_CORE_READ(at, ns.inum);
	search->at = BPF_CORE_READ(at, parent);
	return 0;
}

/*
 * In a user namespace a user has thousands of uids, so it is who made that; one that root made, as
 * for a container, is one user by its number, from 0xf0000000 on (PROC_DYNAMIC_FIRST of
 * fs/proc/generic.c). The kernel gives the number of a namespace that has ended to another one.
 */
static __always_inline __u32 current_user(void)
{
	struct user_search search = {
		.at = BPF_CORE_READ(bpf_get_current_task_btf(), cred, user_ns)};

	bpf_loop(NAMESPACE_LEVELS, to_parent, &search, 0);
	return search.maker ?: search.number ?: (__u32)bpf_get_current_uid_gid();
}
