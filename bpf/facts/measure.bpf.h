/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The fs-verity digest of a file, of an overlay too, and whether its pages can be trusted. */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/facts/verity.bpf.h"

static __always_inline bool has_verity(struct file *file)
{
	struct inode *below;

	if (!is_overlay(file))
		return peek(file)->f_inode->i_flags & S_VERITY;
	below = (struct inode *)data_inode(file);
	return below && (BPF_CORE_READ(below, i_flags) & S_VERITY);
}

/*
 * The kernel's own digest of a file. In a stack frame of its own: v6.18 lets no helper write where
 * a dynptr was.
 */
static __noinline bool measure_file(struct file *file, struct measurement *measured)
{
	struct bpf_dynptr digest;

	if (bpf_dynptr_from_mem(measured, sizeof(*measured), 0, &digest))
		return false;
	return bpf_get_fsverity_digest(file, &digest) >= 0 &&
	       measured->algorithm == BS_DIGEST_SHA256 && measured->size == BS_DIGEST_SIZE;
}

/*
 * The digest of a file into map memory; false and all zero: none, or not SHA-256. For the file
 * below an overlay's no kfunc gives it.
 */
static __always_inline bool measure(struct file *file, struct measurement *measured)
{
	__builtin_memset(measured, 0, sizeof(*measured));
	if (is_overlay(file) ? has_verity(file) && verity_measure(data_inode(file), measured)
			     : measure_file(file, measured))
		return true;
	__builtin_memset(measured, 0, sizeof(*measured));
	return false;
}

/* Why a file has no digest. */
static __always_inline int unmeasured_reason(struct file *file)
{
	if (!is_overlay(file))
		return BS_REASON_UNSIGNED;
	return was_copied_up(file) ? BS_REASON_COPIED_UP : BS_REASON_OVERLAY;
}

static __always_inline bool digest_equal(const __u8 *a, const __u8 *b)
{
	return equal_u64s(a, b, BS_DIGEST_SIZE);
}

/*
 * Were all pages of this inode read after its fs-verity was complete? Without a taint the
 * inode was loaded with it; with one, it must have been seen with an empty cache before since_ns.
 * The element may be another inode's by the time that it is read: it is looked up again.
 */
static __always_inline bool is_settled(struct file *file, __u64 since_ns)
{
	__u64 key = data_inode(file);
	volatile struct bs_taint *taint = bpf_map_lookup_elem(&taints, &key);

	if (!taint)
		return true;
	const __u64 seen = taint->state;
	return seen < since_ns && bpf_map_lookup_elem(&taints, &key) == taint &&
	       taint->state == seen;
}
