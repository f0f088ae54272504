/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files of an overlay that entitled programs read are not copied up. An open descriptor follows a
 * copy-up, so a task that may write the overlay could change the bytes after the check. A file that
 * was read is not copied up any more, and one whose copy-up began is not read. Each side records
 * its own step before it reads the other's: of two that race, at least one is refused.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* The data can be changed by no layer above, except by the upper layer's own file, if sealed. */
static __always_inline bool stays_below(struct file *file)
{
	return is_below(file) &&
	       (!has_upper(file) ||
		       current_inode(file) != lowest_inode(BPF_CORE_READ(overlay_inode(file), oe)));
}

/* A file with a digest is about to be read by an entitled program. */
static __always_inline int hold(struct file *file)
{
	struct held *held;

	if (!is_overlay(file))
		return BS_REASON_OK;
	held = inode_storage_make(&holds, file->f_inode);
	if (!held)
		return BS_REASON_NO_MEMORY;
	__sync_lock_test_and_set(&held->read, 1);
	return *(volatile __u64 *)&held->copied || !stays_below(file) ? BS_REASON_COPIED_UP
								      : BS_REASON_OK;
}

/* Is the data in a file with fs-verity below? No other file was ever granted. */
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
	held = inode_storage_make(&holds, inode);
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
