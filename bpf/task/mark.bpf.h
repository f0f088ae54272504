/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The life of a mark after the exec that made it (exec.bpf.h): copied by fork, judged again when
 * policy, trust, place or seccomp filters are others, looked up by every bpf().
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/task/filters.bpf.h"

/* --- judged again --------------------------------------------------------------------------- */

/* The reason why a task has no mark. */
static __always_inline int unmarked_reason(void)
{
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	int reason = BS_REASON_UNSIGNED;

	if (!file)
		return reason;
	if (has_verity(file))
		reason = BS_REASON_NOT_EXECUTED;
	else
		reason = unmeasured_reason(file);
	bpf_put_file(file);
	return reason;
}

/* Did the same signer make the same statement about the same bytes? */
static __always_inline bool is_same_claim(const struct facts *facts, const struct facts *again)
{
	return facts->role == again->role && name_equal(facts->name, again->name);
}

/* Verifies a running process's executable again, into scratch->facts. */
static __always_inline int executable_reason(const struct mark *mark, struct verification *scratch)
{
	struct wanted wanted = {.roles = ROLE(EXECUTABLE)};
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	int reason = BS_REASON_CHANGED;

	if (!file)
		return reason;
	if (measure(file, &scratch->measured) &&
		digest_equal(scratch->measured.digest, mark->facts.digest))
		reason = identify(
			file, &scratch->measured, mark->started_ns, &wanted, &scratch->facts);
	bpf_put_file(file);
	if (!reason && !is_same_claim(&mark->facts, &scratch->facts))
		return BS_REASON_CHANGED;
	return reason;
}

/* Could the same question be answered a moment later? */
static __always_inline bool is_passing(int reason)
{
	return reason == BS_REASON_NO_MEMORY || reason == BS_REASON_UNREADABLE ||
	       reason == BS_REASON_HELPER_FAILED;
}

/* Trust has moved: do its keys still vouch for the executable? A script's file is closed. */
static __always_inline void claim_renew(struct mark *mark)
{
	struct verdict *verdict = &mark->verdict;
	struct verification *scratch = verification_make();
	__u32 trust = trust_generation(); /* before the check: a change meanwhile moves it */

	if (!scratch)
		verdict->claim = BS_REASON_NO_MEMORY;
	else if (verdict->flags & MARK_SCRIPT)
		verdict->claim = BS_REASON_TRUST_MOVED;
	else
		verdict->claim = executable_reason(mark, scratch);
	if (scratch && !verdict->claim)
		verdict->ring = scratch->facts.ring;
	if (!is_passing(verdict->claim))
		verdict->trust = trust;
}

/* The task has other seccomp filters than when it was judged. */
static __always_inline void filters_renew(struct mark *mark)
{
	const __u64 newest = newest_filter();

	if (mark->verdict.filter == newest)
		return;
	mark->verdict.filter = newest;
	/* who shares the memory of another process is entitled to nothing, and stays guarded */
	if (filters_reason(is_control(mark)) && !(mark->verdict.flags & MARK_SHARED))
		mark_refuse(mark, BS_REASON_SECCOMP);
}

/* A thread's copy of a mark is brought up to policy, trust, place and filters. */
static __always_inline void mark_refresh(struct mark *mark)
{
	struct verdict *verdict = &mark->verdict;
	if (!(verdict->flags & MARK_VERIFIED) && !verdict->reason)
		verdict->reason = unmarked_reason();
	if ((verdict->flags & MARK_VERIFIED) && verdict->trust != trust_generation())
		claim_renew(mark);
	if (verdict->flags & MARK_VERIFIED)
		filters_renew(mark);
	judge(mark);
}

/* Without a verdict that all threads share, this one may do nothing. */
static __always_inline void mark_doubt(struct task_state *task)
{
	task->mark.verdict.flags &= ~MARK_ENTITLED;
	task->mark.verdict.program_flags = 0;
	task->mark.verdict.types = 0;
	task->mark.verdict.kernel = 0;
	task->mark.verdict.policy = 0; /* judged again at the next call */
	task->mark.verdict.reason = BS_REASON_NO_MEMORY;
}

/*
 * The current thread's copy of its process's mark is brought up to date, unless another thread was
 * faster: then its verdict is taken over, and 0 returned. Global: see emit().
 */
__noinline int task_renew(struct task_state *task)
{
	if (!task || is_current(&task->mark))
		return 1;
	mark_refresh(&task->mark);
	lived_lend(task);
	struct process *process = process_find();
	if (!process || mark_give(task, process))
		return 1;
	mark_take(task);
	return 0;
}

/*
 * Its copy is up to date behind this. The verdict of another thread was reached a moment ago, so it
 * holds; four times in a row it would not only when four policies came.
 */
static __always_inline void task_update(struct task_state *task)
{
	for (int i = 0; i < 4; i++)
		if (task_renew(task))
			return;
	if (!is_current(&task->mark))
		mark_doubt(task);
}

/* The current task's state with a mark that is up to date; NULL without memory. */
static __always_inline struct task_state *task_current(void)
{
	struct task_state *task = task_make();

	if (task)
		task_update(task);
	return task;
}

/* Would mark_refresh() have to verify a signature, or to read filters? */
static __always_inline bool must_sleep(const struct mark *mark)
{
	return (mark->verdict.flags & MARK_VERIFIED) &&
	       (mark->verdict.trust != trust_generation() ||
		       mark->verdict.filter != newest_filter());
}

/*
 * For hooks that cannot sleep: is the mark up to date, by now? It is judged again where only the
 * policy or the place has moved. Else the answer waits for the next bpf() or file that is read.
 * Global: see emit().
 */
__noinline int mark_update(struct task_state *task)
{
	if (!task)
		return false;
	if (is_current(&task->mark))
		return true;
	if (must_sleep(&task->mark))
		return false;
	judge(&task->mark);
	lived_lend(task);
	struct process *process = process_find();
	if (process && !mark_give(task, process))
		mark_take(task);
	/* a pod that is not known yet is asked about each time */
	return is_current(&task->mark) || task->mark.verdict.reason == BS_REASON_POD;
}

/*
 * For hooks that cannot sleep: is the current task a control program? 1, 0; -EBUSY: the policy has
 * its name as one and the mark waits for its next bpf(), after which the caller asks again
 * (src/base/hook.h). Global: see emit().
 */
__noinline int control_answer(struct task_state *task)
{
	__u32 policy = 0;

	if (!task)
		return 0;
	if (mark_update(task))
		return is_control(&task->mark);
	if (!(task->mark.verdict.flags & MARK_VERIFIED))
		return 0;
	struct bs_program *entry = policy_entry(task->mark.facts.name, &policy);
	return entry && (entry->flags & BS_PROGRAM_CONTROL) ? -EBUSY : 0;
}

/* --- clone ---------------------------------------------------------------------------------- */

/*
 * A new process is what its parent is, and is judged by itself. One that shares memory or
 * descriptors with its parent (vfork(2), CLONE_VM, CLONE_FILES) is entitled to nothing until it
 * execs: who shares them may not be the one who was judged.
 */
static __always_inline int mark_inherit(
	struct process *parent, struct task_struct *child, __u64 clone_flags)
{
	struct process *process = task_storage_make(&processes, child);

	if (!process)
		return -ENOMEM; /* a guarded parent's child must not be open to others */
	bpf_spin_lock(&parent->lock);
	process->mark = parent->mark;
	bpf_spin_unlock(&parent->lock);

	struct verdict *verdict = &process->mark.verdict;
	if ((verdict->flags & MARK_VERIFIED) && (clone_flags & (CLONE_VM | CLONE_FILES))) {
		verdict->flags |= MARK_SHARED;
		verdict->reason = BS_REASON_SHARED_MEMORY;
	}
	judge(&process->mark);
	process->version = 1;
	if (clone_flags & CLONE_VM)
		lived_add(parent, &verdict->lived); /* what it maps, the parent has */
	return 0;
}

/* A task is cloned. A thread is its process, and needs nothing. */
static __always_inline int task_inherit(struct task_struct *child, __u64 clone_flags)
{
	struct process *parent = clone_flags & CLONE_THREAD ? NULL : process_find();

	return parent ? mark_inherit(parent, child, clone_flags) : 0;
}
