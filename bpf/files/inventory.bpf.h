/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Sealed files that were in memory before the start. When fs-verity was enabled on them is unknown,
 * so their cached pages are tainted like those of a file that is sealed now. The hooks are attached
 * already when the kernel's list of inodes is walked, so inodes that come or go meanwhile are seen.
 * The list is read without its lock: a step that leads out of it restarts the walk.
 */

#include "bpf/files/taint.bpf.h"
#include "bpf/kernel/compat.bpf.h"
#include "bpf/kernel/kfuncs.bpf.h"
#include "bpf/state/task.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* What kernel.bpf.h leaves out. */
struct super_block___listed {
	struct list_head s_list, s_inodes;
};

struct inode___listed {
	unsigned int i_generation;
	struct list_head i_sb_list;
};

#pragma clang attribute pop

#define BLOCKS_LIMIT 4096 /* file systems */
#define INODES_LIMIT                                                                               \
	(1 << 23)      /* BPF_MAX_LOOPS of kernel/bpf/bpf_iter.c: of one of them in memory */
#define WALKS_LIMIT 16 /* attempts at one of them */

struct walk {
	__u64 block;  /* address of the super block */
	__u64 head;   /* of its list of inodes */
	__u64 at;     /* the list node that was looked at last */
	__u32 lost;   /* 1: that one is no longer in the list */
	__u32 reason; /* enum bs_reason */
};

static __always_inline __u64 next_of(__u64 node)
{
	return (__u64)BPF_CORE_READ((struct list_head *)node, next);
}

static __always_inline int taint_before(struct inode *inode)
{
	__u64 key = (__u64)inode;
	struct bs_taint taint = {};

	if (bpf_map_lookup_elem(&taints, &key))
		return BS_REASON_OK; /* sealed since we are attached, or seen on an earlier walk */
	taint.state = taint_state_new();
	taint.inode = BPF_CORE_READ(inode, i_ino);
	taint.generation = BPF_CORE_READ((struct inode___listed *)inode, i_generation);
	taint.device = BPF_CORE_READ(inode, i_sb, s_dev);
	if (bpf_map_update_elem(&taints, &key, &taint, BPF_NOEXIST)) /* or sealed meanwhile */
		return bpf_map_lookup_elem(&taints, &key) ? BS_REASON_OK : BS_REASON_NO_MEMORY;
	__sync_fetch_and_add(&state.tainted, 1);
	return BS_REASON_OK;
}

static int look_at_inode(__u32 unused_index, struct walk *walk)
{
	walk->at = next_of(walk->at);
	if (walk->at == walk->head)
		return 1;
	struct inode *inode =
		(void *)walk->at - bpf_core_field_offset(struct inode___listed, i_sb_list);
	walk->lost =
		(__u64)BPF_CORE_READ(inode, i_sb) != walk->block || next_of(walk->at) == walk->at;
	if (walk->lost)
		return 1;
	if ((BPF_CORE_READ(inode, i_flags) & S_VERITY) && BPF_CORE_READ(inode, i_mapping, nrpages))
		walk->reason = taint_before(inode);
	return walk->reason != BS_REASON_OK;
}

static int walk_inodes(__u32 unused_index, struct walk *walk)
{
	walk->at = walk->head;
	walk->lost = 0;
	bpf_loop(INODES_LIMIT, look_at_inode, walk, 0);
	return walk->reason || walk->at == walk->head;
}

static int look_at_block(__u32 unused_index, struct walk *blocks)
{
	struct walk inodes = {};

	blocks->at = next_of(blocks->at);
	if (blocks->at == blocks->head || !blocks->at)
		return 1;
	struct super_block *block =
		(void *)blocks->at - bpf_core_field_offset(struct super_block___listed, s_list);
	if (!BPF_CORE_READ(block, s_vop))
		return 0;
	inodes.block = (__u64)block;
	inodes.head = (__u64)block + bpf_core_field_offset(struct super_block___listed, s_inodes);
	inodes.at = 0;
	bpf_loop(WALKS_LIMIT, walk_inodes, &inodes, 0);
	blocks->reason = inodes.at == inodes.head ? inodes.reason
						  : (inodes.reason ?: BS_REASON_HELPER_FAILED);
	return blocks->reason != BS_REASON_OK;
}

#define NS_A_TICK 10000000 /* of proc_pid_stat(5): USER_HZ is 100 */

/* By its start too: the number of one that was killed is used again. */
static __always_inline bool is_of_starter(const struct task_struct *task)
{
	return (__u32)BPF_CORE_READ(task, tgid) == starter &&
	       BPF_CORE_READ(task, group_leader, start_boottime) / NS_A_TICK == starter_ticks;
}

static __always_inline bool is_starter(void)
{
	return mode() == BS_MODE_STARTING && is_of_starter(bpf_get_current_task_btf());
}

static __always_inline bool starter_is_there(void)
{
	struct task_struct *task = bpf_task_from_pid(starter);

	if (!task)
		return false;
	const bool there = is_of_starter(task) && process_runs(task);
	bpf_task_release(task);
	return there;
}

/*
 * Is a task enabling fs-verity in a call that began before us? It may have passed where
 * on_file_ioctl() is now, and seal its file after the walk: an argument in memory that root serves
 * keeps it waiting there for as long as she likes.
 */
static __noinline bool is_being_sealed(void)
{
	struct bpf_iter_task tasks;
	struct task_struct *task;
	bool found = false;

	bpf_rcu_read_lock();
	/* without an iterator: assume so */
	found = bpf_iter_task_new(&tasks, NULL, BPF_TASK_ITER_ALL_THREADS) != 0;
	while (!found && (task = bpf_iter_task_next(&tasks)))
		found = is_in_ioctl(task, FS_IOC_ENABLE_VERITY);
	bpf_iter_task_destroy(&tasks);
	bpf_rcu_read_unlock();
	return found;
}

/* BS_COMMAND_INVENTORY: taints the files that were sealed before the start. */
static __noinline int inventory(void)
{
	__u64 head = address.super_blocks;
	struct walk blocks = {};

	if (!is_starter() || !head)
		return -EALREADY;
	if (is_being_sealed())
		return -EAGAIN;
	blocks.head = blocks.at = head;
	bpf_loop(BLOCKS_LIMIT, look_at_block, &blocks, 0);
	if (blocks.at != blocks.head)
		return -ENOMEM; /* a file system was left out, or the map of taints is full */
	state.stocked = 1;
	return -ECANCELED;
}

/* The file behind this descriptor of the current task, or NULL. */
static __always_inline struct file *descriptor_file(__u32 number)
{
	struct fdtable *table = BPF_CORE_READ(bpf_get_current_task_btf(), files, fdt);
	struct file *file = NULL;

	if (number < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + number);
	return file;
}

/* BS_COMMAND_SETTLED: the starter has read the whole file and found what its digest says. */
static __noinline int settled(union bpf_attr *attr)
{
	struct file *file = descriptor_file(attr->map_fd);
	__u64 key = (__u64)BPF_CORE_READ(file, f_inode);

	if (!is_starter() || !file)
		return -EALREADY;
	taint_end(key);
	return -ECANCELED;
}
