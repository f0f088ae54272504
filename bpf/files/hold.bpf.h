/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What an entitled program reads on an overlay stays below. A descriptor that is open follows a
 * copy-up, so who may write the overlay could change what it reads after the check. A file that was
 * read is not copied up any more, and one whose copy-up began is not read. Each side writes down
 * its own before it looks at the other's: of two at once, at least one is refused.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* Nothing above can get the data, but for the upper layer's file itself, sealed as it is. */
static __always_inline bool stays_below(struct file *file)
{
	return is_below(file) && (!has_upper(file) || current_inode(file) != lowest_of(file));
}

/* A file with a digest is about to be read by an entitled program. */
static __always_inline int hold(struct file *file)
{
	struct held *held;

	if (!is_overlay(file))
		return BS_REASON_OK;
	held = bpf_inode_storage_get(&holds, file->f_inode, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!held)
		return BS_REASON_NO_MEMORY;
	__sync_lock_test_and_set(&held->read, 1);
	return *(volatile __u64 *)&held->copied || !stays_below(file) ? BS_REASON_COPIED_UP
								      : BS_REASON_OK;
}

/* Is the data in a file with fs-verity below? Others were never granted. */
static __always_inline bool is_sealed_below(struct inode *inode)
{
	struct ovl_inode *overlay =
		(void *)number_of(inode) - bpf_core_field_offset(struct ovl_inode, vfs_inode);
	struct inode *below = (void *)lowest_inode(BPF_CORE_READ(overlay, oe));

	return below && (BPF_CORE_READ(below, i_flags) & S_VERITY);
}

/* An overlay is about to copy this file up. */
static __always_inline int decide_copy_up(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;
	struct request request = {.op = BS_OP_COPY, .flags = BS_RECORD_FILE};
	struct task_state *task = task_find();
	struct held *held;

	if (!knows_overlay() || !inode || !is_sealed_below(inode))
		return 0;
	held = bpf_inode_storage_get(&holds, inode, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!held)
		return conclude(&request, task, BS_REASON_NO_MEMORY);
	__sync_fetch_and_add(&held->copied, 1);
	if (!*(volatile __u64 *)&held->read)
		return 0;
	request.object = BPF_CORE_READ(dentry, d_name.name);
	int denied = conclude(&request, task, BS_REASON_HELD);
	if (denied)
		__sync_fetch_and_add(&held->copied, -1);
	return denied;
}
