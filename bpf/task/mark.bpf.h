/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The life of a mark after the exec that made it (exec.bpf.h): copied by clone, verified again
 * when trust moved, looked up by every bpf().
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/judge/decide.bpf.h"

/* The mark has no rights, or no longer. */
static __always_inline void mark_refuse(struct mark *mark, int reason)
{
	mark->flags &= ~(MARK_VERIFIED | MARK_ENTITLED);
	mark->reason = reason;
}

/* Could a filter of this task answer system calls in the kernel's place? */
static __noinline bool has_seccomp_listener(struct task_struct *task)
{
	struct seccomp_filter *filter = BPF_CORE_READ(task, seccomp.filter);

	for (int i = 0; i < 32 && filter; i++) {
		if (BPF_CORE_READ(filter, notif))
			return true;
		filter = BPF_CORE_READ(filter, prev);
	}
	return filter != NULL; /* longer chains are not searched: assume the worst */
}

/* The control programs are refused under any filter at all. */
static __always_inline bool seccomp_forbids(const struct mark *mark)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!task->seccomp.mode)
		return false;
	return is_control(mark) || has_seccomp_listener(task);
}

/* Verifies a running task's executable again, after the trusted keys have changed. */
static __always_inline int executable_reason(struct mark *mark, struct exec *exec)
{
	struct wanted wanted = {.roles = ROLE(EXECUTABLE)};
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	int reason = BS_REASON_CHANGED;

	if (!file)
		return reason;
	if (measure(file, &exec->again) && digest_equal(exec->again.digest, mark->facts.digest))
		reason = identify(file, &exec->again, exec->started_ns, &wanted, &mark->facts);
	bpf_put_file(file);
	return reason;
}

/* The current task's state if it wears a mark, whatever that is worth; or NULL, as most do. */
static __always_inline struct task_state *task_verified(void)
{
	struct task_state *task = task_find();

	return task && (task->mark.flags & MARK_VERIFIED) ? task : NULL;
}

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

/* Brings a mark up to the policy and the trust in force. */
static __noinline int mark_refresh(struct task_state *task)
{
	if (!task)
		return 0;
	struct mark *mark = &task->mark;
	if (!(mark->flags & MARK_VERIFIED) && !mark->reason)
		mark->reason = unmarked_reason();
	if ((mark->flags & MARK_VERIFIED) && mark->facts.trust != trust_generation()) {
		int reason = mark->flags & MARK_SCRIPT ? BS_REASON_TRUST_MOVED /* it is closed */
						       : executable_reason(mark, &task->exec);
		if (reason)
			mark_refuse(mark, reason);
	}
	return judge(mark);
}

static __always_inline void task_update(struct task_state *task)
{
	if (!is_current(&task->mark))
		mark_refresh(task);
}

/* The current task's state with a mark that is up to date; NULL without memory. */
static __always_inline struct task_state *task_current(void)
{
	struct task_state *task = task_make();

	if (task)
		task_update(task);
	return task;
}

/*
 * For hooks that cannot sleep: is the mark up to date, by now? It is judged again where only the
 * policy has moved; where trust has, a signature must be verified, which waits for the next bpf()
 * or file that is read.
 */
static __always_inline bool mark_update(struct mark *mark)
{
	if (is_current(mark))
		return true;
	if ((mark->flags & MARK_VERIFIED) && mark->facts.trust != trust_generation())
		return false;
	judge(mark);
	return is_current(mark);
}

/*
 * A new thread or process takes its parent's mark. One that shares the memory but is no
 * thread (vfork, CLONE_VM) is protected like its parent and entitled to nothing until it execs.
 */
static __always_inline int mark_inherit(
	struct task_state *parent, struct task_struct *child, __u64 clone_flags)
{
	struct task_state *task =
		bpf_task_storage_get(&tasks, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!task)
		return -ENOMEM; /* a marked parent's child must not be open to others */
	task->mark = parent->mark;
	task->exec.started_ns = parent->exec.started_ns; /* the executable is still the parent's */
	task->mark.flags &= ~(MARK_KEYS | MARK_POLICY);
	if ((clone_flags & CLONE_VM) && !(clone_flags & CLONE_THREAD)) {
		task->mark.flags |= MARK_PROTECTED;
		task->mark.flags &= ~MARK_ENTITLED;
		task->mark.reason = BS_REASON_SHARED_MEMORY;
		task->mark.policy = 0; /* to be judged as such */
	}
	return 0;
}

/*
 * A task is cloned. The child of a task without rights takes the reason, for its own lines; without
 * memory it has none.
 */
static __always_inline int task_inherit(
	struct task_state *parent, struct task_struct *child, __u64 clone_flags)
{
	if (parent->mark.flags & MARK_VERIFIED)
		return mark_inherit(parent, child, clone_flags);

	struct task_state *task = parent->mark.reason ? bpf_task_storage_get(&tasks, child, NULL,
								BPF_LOCAL_STORAGE_GET_F_CREATE)
						      : NULL;
	if (task)
		task->mark.reason = parent->mark.reason;
	return 0;
}
