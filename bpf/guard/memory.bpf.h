/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The memory of marked tasks, and the pipes and nameless memory that they make, of which nothing
 * judges the content when it is read. The signers' keyrings are guarded in trust/keys.bpf.h, our
 * pins in pins.bpf.h, our maps and programs in objects/objects.bpf.h, where all others are.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/descriptors.bpf.h"

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

	return !ours || !mark_update(ours) || !is_entitled(&ours->mark) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}

/* --- pipes and memory without a name ---------------------------------------------------------- */

/*
 * Is it a pipe, or memory without a name: of memfd_create(2), shmget(2), or shared and anonymous?
 * No path leads there, only what /proc shows of a process, a descriptor or a number.
 */
static __always_inline bool is_without_name(const struct file *file)
{
	return file->f_path.mnt->mnt_flags & MNT_INTERNAL;
}

/* The same of an inode that is being made, which has no more than its file system yet. */
static __always_inline bool is_made_without_name(const struct inode *inode)
{
	const struct super_block *sb = peek(inode)->i_sb;
	const unsigned long magic = sb->s_magic;

	return magic == PIPEFS_MAGIC ||
	       ((magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) && (sb->s_flags & SB_KERNMOUNT));
}

/* A verified process makes this, or shares it: it is guarded from now on. NULL: no memory. */
static __always_inline struct shared *share(struct inode *inode)
{
	struct process *process = process_find();
	struct shared *shared = inode_storage_make(&shares, inode);

	if (!shared || !process || shared->name[0])
		return shared;
	shared->started_ns = process->mark.started_ns;
	shared->process = bpf_get_current_pid_tgid() >> 32;
	name_copy(shared->name, process->mark.facts.name);
	return shared;
}

/* Is the current process the one that made it? */
static __always_inline bool is_own(const struct shared *shared)
{
	struct process *process = process_find();

	return process && (process->mark.verdict.flags & MARK_VERIFIED) &&
	       process->mark.started_ns == shared->started_ns &&
	       bpf_get_current_pid_tgid() >> 32 == shared->process;
}

/* May the current task write what a process of this name shares? */
static __always_inline bool may_write_shared(const struct shared *shared)
{
	struct task_state *ours = task_find();

	if (is_own(shared))
		return true;
	return ours && mark_update(ours) && is_entitled(&ours->mark) &&
	       name_equal(ours->mark.facts.name, shared->name);
}

struct holding {
	struct inheritance at; /* reason: 1 when it was found */
	__u64 inode;
};

static int look_at_descriptor(__u32 unused_index, struct holding *holding)
{
	if (!holding->at.word)
		return 1;
	struct file *file = take_descriptor(&holding->at);
	holding->at.reason = file && (BPF_CORE_READ(file, f_mode) & FMODE_WRITE) &&
			     (__u64)BPF_CORE_READ(file, f_inode) == holding->inode;
	return holding->at.reason != 0;
}

static int look_at_descriptors(__u32 i, struct holding *holding)
{
	take_word(i, &holding->at);
	if (holding->at.word)
		bpf_loop(64, look_at_descriptor, holding, 0);
	return holding->at.reason != 0;
}

/*
 * Has the current task a descriptor by which it can write there already: what it inherited or
 * received, /dev/stdout? Only where no other task can exchange descriptors meanwhile.
 */
static __always_inline bool can_write(const struct inode *inode)
{
	struct files_struct *files = BPF_CORE_READ(bpf_get_current_task_btf(), files);
	struct fdtable *table = BPF_CORE_READ(files, fdt);
	struct holding holding = {.at = {.table = table}, .inode = number_of(inode)};

	if (BPF_CORE_READ(files, count.counter) != 1)
		return false;
	bpf_loop(BPF_CORE_READ(table, max_fds) / 64, look_at_descriptors, &holding, 0);
	return holding.at.reason;
}

/*
 * A pipe or nameless memory is opened for writing: by /proc/PID/fd or map_files, for which the
 * kernel asks lsm/ptrace_access_check as if it were a look. Memory by a name is a file:
 * `unsigned-files:`.
 */
static __noinline int decide_shared(struct inode *inode)
{
	struct shared *shared = inode ? bpf_inode_storage_get(&shares, inode, NULL, 0) : NULL;

	if (!shared || may_write_shared(shared) || can_write(inode))
		return 0; /* nobody's, or it gains nothing */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}

/* Is it a link of /proc/PID/fd or /proc/PID/map_files? */
static __always_inline bool is_of_descriptors(const struct dentry *link)
{
	char name[16] = {};

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(link, d_parent, d_name.name));
	return equal_u64s(name, (const char[16]){"fd"}, sizeof(name)) ||
	       equal_u64s(name, (const char[16]){"map_files"}, sizeof(name));
}

/* Of shmget(2): attached by a number, which opens nothing. */
static __always_inline bool is_segment(const struct file *file)
{
	__u32 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name), file->f_path.dentry->d_name.name);
	return name == *(const __u32 *)"SYSV";
}

/*
 * Nameless memory is mapped, shared: what a verified process maps is guarded from then on, whoever
 * made it. A descriptor of it that the process has passed on is its own doing.
 */
static __noinline int decide_mapping(struct file *file, unsigned long protection)
{
	struct request request = {.op = BS_OP_CODE};

	if (!file)
		return 0;
	if ((protection & PROT_WRITE) && is_segment(file) && decide_shared(file->f_inode))
		return -EPERM;
	if (!is_verified() || share(file->f_inode))
		return 0;
	return conclude(&request, task_find(), BS_REASON_NO_MEMORY);
}
