/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * fs-verity does not verify pages that were cached before it was complete (fs/verity/enable.c), so
 * root can leave an evil page in the cache of a file with a genuine digest. An inode on which
 * fs-verity is enabled is tainted until it is opened with an empty cache, or evicted.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* FS_IOC_ENABLE_VERITY on a file that has none yet. A full map refuses it. */
static __always_inline int taint_begin(struct file *file)
{
	__u64 key = (__u64)peek(file)->f_inode;
	struct bs_taint taint = {.enabled_ns = bpf_ktime_get_boot_ns()};

	if (has_verity(file) || !peek(file)->f_inode->i_sb->s_vop)
		return 0; /* enabled already, or not supported: the ioctl changes nothing */
	bool again = bpf_map_lookup_elem(&taints, &key);
	if (!bpf_map_update_elem(&taints, &key, &taint, BPF_ANY)) {
		if (!again)
			__sync_fetch_and_add(&state.tainted, 1);
		return 0;
	}
	struct request request = {.op = BS_OP_VERITY};
	struct task_state *task = task_find();
	return conclude(&request, task, BS_REASON_NO_MEMORY);
}

/*
 * Is fs-verity complete, so that every page that is read from now on is verified? ext4 sets
 * S_VERITY a moment before the inode has its digest.
 */
static __always_inline bool is_complete(struct file *file)
{
	__u32 zero = 0;
	struct measurement *unused = bpf_map_lookup_elem(&discarded, &zero);
	struct bpf_dynptr digest;

	return unused && !bpf_dynptr_from_mem(unused, sizeof(*unused), 0, &digest) &&
	       bpf_get_fsverity_digest(file, &digest) >= 0;
}

/* A file with fs-verity is opened: an empty cache holds no page from before. */
static __always_inline void taint_clean(struct file *file)
{
	const struct inode *inode = peek(file)->f_inode;
	__u64 key = (__u64)inode;

	if (!state.tainted)
		return;
	struct bs_taint *taint = bpf_map_lookup_elem(&taints, &key);
	if (taint && !taint->clean_ns && is_complete(file) && !inode->i_mapping->nrpages)
		taint->clean_ns = bpf_ktime_get_boot_ns();
}

/* The inode leaves memory: the next one at this address is another. */
static __always_inline void taint_forget(struct inode *inode)
{
	__u64 key = (__u64)inode;

	if (state.tainted && !bpf_map_delete_elem(&taints, &key))
		__sync_fetch_and_add(&state.tainted, -1);
}
