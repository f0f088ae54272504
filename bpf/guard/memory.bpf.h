/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Hooks that protect the enforcement itself: the memory of marked tasks. The signers' keyrings are
 * guarded in keys.bpf.h, our pins in pins.bpf.h, our maps and programs where every other one is, in
 * objects.bpf.h.
 */

#include "bpf/guard/last.bpf.h"
#include "bpf/guard/mounts.bpf.h"
/* May the current task reach into the memory of that one? Only one that wears the same name. */
static __always_inline bool is_protected_from_current(struct task_struct *task)
{
	struct task_state *theirs = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct task_state *ours = task_find();

	if (!theirs || !(theirs->mark.flags & MARK_VERIFIED))
		return false;
	return !ours || !(ours->mark.flags & MARK_VERIFIED) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}

SEC("lsm/ptrace_access_check")
int BPF_PROG(on_ptrace_access_check, struct task_struct *child, unsigned int access)
{
	if (!(access & PTRACE_MODE_ATTACH) || !is_protected_from_current(child))
		return 0; /* only looking, or nobody of ours */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(on_ptrace_traceme, struct task_struct *parent)
{
	struct task_state *task = task_find();

	if (!task || !(task->mark.flags & MARK_VERIFIED))
		return 0; /* nobody of ours */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}
