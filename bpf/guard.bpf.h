/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Hooks that protect the enforcement itself: the memory of marked tasks. The signers' keyrings are guarded
 * in keys.bpf.h, our pins in pins.bpf.h, our maps and programs where every other one is, in objects.bpf.h.
 */

#include "last.bpf.h"
#include "mounts.bpf.h"
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

/*
 * The verifier asks this before it gives a program the helpers that read kernel memory or write a
 * process's: what the scan before it let pass by mistake, the kernel itself refuses.
 */
static __always_inline __u32 locked_cause(__u32 what)
{
	if (what == bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_READ_KERNEL))
		return BS_CAUSE_KERNEL_READS;
	if (what == bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_WRITE_USER))
		return BS_CAUSE_USER_WRITES;
	return BS_CAUSE_END;
}

/* Is this denied to the load under way, which its entry was asked about? */
static __always_inline bool is_locked(const struct task_state *task, __u32 cause)
{
	struct bs_program *entry = entry_of(&task->mark);
	struct judgement *judgement = judgement_make();

	if (!entry || !entry->load.denied[cause].unnamed)
		return false; /* the whole group is granted */
	return !judgement || judgement->verdict.reason != BS_REASON_TRIVIAL; /* libbpf's probe */
}

SEC("lsm/locked_down")
int BPF_PROG(on_locked_down, __u32 what)
{
	struct task_state *task = task_find();
	__u32 cause = locked_cause(what);

	if (!task || cause >= BS_CAUSE_END || task->command != BPF_PROG_LOAD ||
		mode() != BS_MODE_ENFORCE)
		return 0; /* no load that was judged */
	if (is_locked(task, cause))
		return -EPERM; /* silent: the verifier's log says that the helper is not there */
	return 0;
}
