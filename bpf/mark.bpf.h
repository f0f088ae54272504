/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The life of a mark: made at an exec, copied by clone, verified again when trust moved,
 * looked up by every bpf().
 */

#include "conclude.bpf.h"

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

/* What is wrong with the task that executed a verified file; OK: nothing. */
static __always_inline int task_reason(struct linux_binprm *bprm)
{
	if (bprm->unsafe & LSM_UNSAFE_PTRACE)
		return BS_REASON_TRACED;
	if (bprm->unsafe & LSM_UNSAFE_SHARE)
		return BS_REASON_SHARED_FS;
	if (bpf_get_current_task_btf()->cred->user_ns->level) /* bprm->cred is committed and gone */
		return BS_REASON_USER_NAMESPACE;
	return BS_REASON_OK;
}

/* Begins an exec: measures the file before the kernel has read its header. */
static __always_inline void exec_begin(struct file *file)
{
	struct task_state *task = has_verity(file) ? task_make() : task_find();

	if (!task)
		return; /* nothing to forget; without memory for a state there is no mark */
	__builtin_memset(&task->exec, 0, sizeof(task->exec));
	task->exec.reason = BS_REASON_UNSIGNED;
	task->exec.started_ns = bpf_ktime_get_boot_ns();
	if (has_verity(file)) {
		task->exec.file = (__u64)file;
		measure(file, &task->exec.measured);
	}
}

/*
 * Verifies the file of this round of the exec. Another file than the first is an interpreter's,
 * which could be told anything: no mark, and no file, so that no later round matches.
 */
static __always_inline void exec_verify(struct exec *exec, struct file *file)
{
	if (exec->file != (__u64)file) {
		exec->file = 0;
		exec->reason = BS_REASON_INTERPRETED;
	} else if (exec->measured.size) {
		exec->reason = identify(file, &exec->measured, exec->started_ns, &exec->facts);
	}
}

/* The last word on the exec's file and task, when neither can change any more. */
static __always_inline int exec_reason(struct exec *exec, struct linux_binprm *bprm)
{
	if (exec->reason)
		return exec->reason;
	if (!exec->file)
		return BS_REASON_UNSIGNED; /* no file of this exec has fs-verity */
	if (exec->file != (__u64)bprm->file)
		return BS_REASON_INTERPRETED;
	if (!measure(bprm->file, &exec->again) ||
		!digest_equal(exec->again.digest, exec->measured.digest))
		return BS_REASON_CHANGED;
	return task_reason(bprm);
}

/* The executable's path into a mark whose path is all zero; one too long matches no `exec:`. */
static __always_inline void mark_path(struct mark *mark, struct exec *exec, struct file *file)
{
	if (bpf_path_d_path(&file->f_path, exec->path, sizeof(exec->path)) > 0)
		bpf_probe_read_kernel_str(mark->path, sizeof(mark->path), exec->path);
}

/* Ends an exec: the old mark is gone, the new one is made and judged. */
static __always_inline void exec_commit(struct task_state *task, struct linux_binprm *bprm)
{
	struct mark *mark = &task->mark;

	__builtin_memset(mark, 0, sizeof(*mark));
	mark->reason = exec_reason(&task->exec, bprm);
	if (!mark->reason) {
		mark->flags = MARK_VERIFIED;
		mark->facts = task->exec.facts;
		mark_path(mark, &task->exec, bprm->file);
	}
	task->exec.file = 0;
	judge(mark);
	if (seccomp_forbids(mark)) {
		mark->flags &= ~(MARK_VERIFIED | MARK_ENTITLED);
		mark->reason = BS_REASON_SECCOMP;
		judge(mark);
	}
}

/* Verifies a running task's executable again, since who is trusted has changed. */
static __always_inline void verify_again(struct mark *mark, struct exec *exec)
{
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	int reason = BS_REASON_CHANGED;

	if (file) {
		if (measure(file, &exec->again) &&
			digest_equal(exec->again.digest, mark->facts.digest))
			reason = identify(file, &exec->again, exec->started_ns, &mark->facts);
		bpf_put_file(file);
	}
	if (reason) {
		mark->flags &= ~(MARK_VERIFIED | MARK_ENTITLED);
		mark->reason = reason;
	}
}

/* Why a task without a mark has none. */
static __always_inline int unmarked_reason(void)
{
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());
	int reason = BS_REASON_UNSIGNED;

	if (!file)
		return reason;
	if (has_verity(file))
		reason = BS_REASON_NOT_EXECUTED;
	bpf_put_file(file);
	return reason;
}

/* Brings a mark up to the policy and trust in force. */
static __noinline int mark_refresh(struct task_state *task)
{
	if (!task)
		return 0;
	struct mark *mark = &task->mark;
	if (!(mark->flags & MARK_VERIFIED) && !mark->reason)
		mark->reason = unmarked_reason();
	if ((mark->flags & MARK_VERIFIED) && mark->facts.trust != trust_generation())
		verify_again(mark, &task->exec);
	return judge(mark);
}

/* The current task's state with a mark that is up to date; NULL without memory. */
static __always_inline struct task_state *task_current(void)
{
	struct task_state *task = task_make();

	if (task && !is_current(&task->mark))
		mark_refresh(task);
	return task;
}

/*
 * A new thread or process takes its parent's mark. One that shares the memory but is no
 * thread (vfork, CLONE_VM) is protected like its parent and entitled to nothing until it execs.
 */
static __always_inline int mark_inherit(
	struct task_state *parent, struct task_struct *child, __u64 clone_flags)
{
	struct task_state *task = bpf_task_storage_get(
		&tasks, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

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
