/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * execve(2) and clone(2): a task earns a mark, loses it, passes it on. An exec is refused for want
 * of memory only: a file that cannot be verified earns no mark.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/initrd.bpf.h"
#include "bpf/task/exec.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/doors.bpf.h"

/*
 * bprm_execve(), once for each exec. Measured later, the file could be changed between the kernel's
 * first read and our check.
 */
SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(on_bprm_creds_for_exec, struct linux_binprm *bprm)
{
	exec_begin(bprm);
	return mark_carry() ?: holder_carry();
}

/* search_binary_handler(), for each file of the chain: the program or script, its interpreter. */
SEC("lsm.s/bprm_check_security")
int BPF_PROG(on_bprm_check_security, struct linux_binprm *bprm)
{
	exec_check(bprm);
	return 0;
}

/* begin_new_exec(): the first hook of an exec that runs after IMA has appraised its files. */
SEC("lsm.s/bprm_creds_from_file")
int BPF_PROG(on_bprm_creds_from_file)
{
	struct task_state *task = task_find();

	if (task)
		exec_conditions(&task->exec);
	return 0;
}

/* begin_new_exec(), when neither the file nor the credentials can change any more. */
SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(on_bprm_committed_creds, struct linux_binprm *bprm)
{
	struct task_state *task = report_every_exec ? task_make() : task_find();

	initrd_leave(bprm->file);
	holder_exec();
	if (!task) {
		mark_forget(); /* no file of ours has fs-verity, or there is no memory */
		return 0;
	}
	exec_commit(task, bprm);
	exec_inherit(task);
	exec_report(task);
	return 0;
}

/*
 * copy_process(). Without memory for a child's mark, the child of a marked process is refused, and
 * without memory for its note that of a process with a program.
 */
SEC("lsm.s/task_alloc")
int BPF_PROG(on_task_alloc, struct task_struct *child, unsigned long clone_flags)
{
	return task_inherit(child, clone_flags) ?: holder_inherit(child, clone_flags);
}
