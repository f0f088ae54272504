/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The memory of marked tasks. The signers' keyrings are guarded in trust/keys.bpf.h, our pins in
 * pins.bpf.h, our maps and programs in objects/objects.bpf.h, where all others are.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/task/mark.bpf.h"

/*
 * May the current task reach into this one's memory? Only one of the same name, that is entitled
 * now. This hook cannot verify a claim again: a mark that waits for that is refused.
 */
static __always_inline bool is_protected_from_current(struct task_struct *target)
{
	struct process *theirs = process_of(target);

	if (!theirs || !(theirs->mark.verdict.flags & MARK_VERIFIED))
		return false;
	struct task_state *ours = task_find();

	return !ours || !is_current(&ours->mark) || !is_entitled(&ours->mark) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}

/* --- memory that is shared ------------------------------------------------------------------ */

/* Is it memory without a name: of memfd_create(2), shmget(2), or shared and anonymous? */
static __always_inline bool is_nameless_memory(const struct file *file)
{
	return file->f_path.mnt->mnt_flags & MNT_INTERNAL;
}

/* The memory of a shared and anonymous mapping is made after our hook, under this name. */
static __always_inline bool is_anonymous(const struct file *file)
{
	static const char anonymous[16] = "dev/zero";
	char name[16] = {};

	bpf_probe_read_kernel_str(name, sizeof(name), file->f_path.dentry->d_name.name);
	return equal_u64s(name, anonymous, sizeof(name));
}

/* May the current task write memory that a process of this name shares? */
static __always_inline bool may_write_shared(const char *name)
{
	struct task_state *ours = task_find();

	return ours && is_current(&ours->mark) && is_entitled(&ours->mark) &&
	       (!name || name_equal(ours->mark.facts.name, name));
}

/*
 * Nameless memory is opened for writing: by /proc/PID/fd or map_files, for which the kernel asks
 * lsm/ptrace_access_check as if it were a look. Memory by a name is a file: `unsigned-files:`.
 */
static __noinline int decide_shared(struct inode *inode, bool anonymous)
{
	struct shared *shared = inode ? bpf_inode_storage_get(&shares, inode, NULL, 0) : NULL;

	if ((!shared && !anonymous) || may_write_shared(shared ? shared->name : NULL))
		return 0;
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}

/* Of shmget(2): attached by a number, which opens nothing. */
static __always_inline bool is_segment(const struct file *file)
{
	__u32 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name), file->f_path.dentry->d_name.name);
	return name == *(const __u32 *)"SYSV";
}

/*
 * Nameless memory is mapped, shared: what a verified process maps is guarded from then on. A
 * descriptor of it that the process has passed on is its own doing.
 */
static __noinline int decide_mapping(struct file *file, unsigned long protection)
{
	struct request request = {.op = BS_OP_CODE};
	struct process *process = process_find();

	if (!file)
		return 0;
	if ((protection & PROT_WRITE) && is_segment(file) && decide_shared(file->f_inode, false))
		return -EPERM;
	if (!process || !(process->mark.verdict.flags & MARK_VERIFIED))
		return 0;
	struct shared *shared = inode_storage_make(&shares, file->f_inode);
	if (!shared)
		return conclude(&request, task_find(), BS_REASON_NO_MEMORY);
	if (!shared->name[0])
		name_copy(shared->name, process->mark.facts.name);
	return 0;
}
