/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which user the current task counts as, where each has a share. */

#include "bpf/kernel/kernel.bpf.h"

/* create_user_ns() of kernel/user_namespace.c refuses a level above 32 */
#define NAMESPACE_LEVELS 33

/*
 * In a user namespace a user has thousands of uids, so it is who made that; of one that root made,
 * as for a container, the uid in it.
 */
static __always_inline __u32 current_user(void)
{
	struct user_namespace *at = BPF_CORE_READ(bpf_get_current_task_btf(), cred, user_ns);
	__u32 maker = 0; /* of the outermost one that is not the initial one */

	for (int i = 0; i < NAMESPACE_LEVELS && BPF_CORE_READ(at, level); i++) {
		maker = BPF_CORE_READ(at, owner.val);
		at = BPF_CORE_READ(at, parent);
	}
	return maker ?: (__u32)bpf_get_current_uid_gid();
}
