/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * fs-verity does not verify pages that were cached before it was complete (fs/verity/enable.c), so
 * root can leave an evil page in the cache of a file with a genuine digest. An inode on which
 * fs-verity is enabled is tainted until it is opened with an empty cache, or evicted.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/user.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* --- shares --------------------------------------------------------------------------------- */

/* One more of a share; false: it has them all, or there is no memory for the number. */
static __always_inline bool share_take(__u32 uid, __u64 limit)
{
	__u64 *taken = bpf_map_lookup_elem(&taint_shares, &uid);
	const __u64 none = 0;

	if (!taken) {
		bpf_map_update_elem(&taint_shares, &uid, &none, BPF_NOEXIST);
		taken = bpf_map_lookup_elem(&taint_shares, &uid);
	}
	if (!taken)
		return false;
	if (__sync_fetch_and_add(taken, 1) < limit)
		return true;
	__sync_fetch_and_add(taken, -1);
	return false;
}

static __always_inline void share_return(__u32 uid)
{
	__u64 *taken = bpf_map_lookup_elem(&taint_shares, &uid);

	if (taken && *taken) /* never below 0, which would be all of it */
		__sync_fetch_and_add(taken, -1);
}

/* A place in the map for this user; 0 is root, who has all that is left. */
static __always_inline bool taint_reserve(__u32 uid)
{
	if (!uid)
		return true;
	if (!share_take(uid, BS_TAINTS_A_USER))
		return false;
	if (share_take(0, BS_TAINTS_USERS))
		return true;
	share_return(uid);
	return false;
}

static __always_inline void taint_release(__u32 uid)
{
	if (!uid)
		return;
	share_return(uid);
	share_return(0);
}

/* --- taints --------------------------------------------------------------------------------- */

/*
 * An element of the map is another inode's as soon as it was deleted, under whatever pointer. So a
 * state is changed only from what was read, its number included, and the inode is looked up again
 * in between.
 */

/* The state of a new taint. */
static __always_inline __u64 taint_state_new(void)
{
	return BS_TAINT_UNCLEAN | __sync_fetch_and_add(&state.taint_number, 1);
}

static __always_inline __u64 taint_state_of(const struct bs_taint *taint)
{
	return *(volatile __u64 *)&taint->state;
}

/* Is the element this inode's, behind a look at its state? */
static __always_inline bool taint_is_of(__u64 key, const struct bs_taint *taint)
{
	return bpf_map_lookup_elem(&taints, &key) == taint;
}

/* false: its state is another by now, or it is another's. */
static __always_inline bool taint_change(struct bs_taint *taint, __u64 from, __u64 to)
{
	return __sync_val_compare_and_swap(&taint->state, from, to) == from;
}

/* Taints an inode, anew if it is tainted. Not 0: no place, or another task was faster. */
static __always_inline int taint_put(__u64 key)
{
	struct bs_taint taint = {.state = taint_state_new(), .uid = current_user()};
	struct bs_taint *before = bpf_map_lookup_elem(&taints, &key);

	if (before) {
		const __u64 seen = taint_state_of(before);
		return !taint_is_of(key, before) || !taint_change(before, seen, taint.state);
	}
	if (!taint_reserve(taint.uid))
		return -ENOMEM;
	int r = bpf_map_update_elem(&taints, &key, &taint, BPF_NOEXIST);
	if (r)
		taint_release(taint.uid);
	else
		__sync_fetch_and_add(&state.tainted, 1);
	return r;
}

/* FS_IOC_ENABLE_VERITY on a file that has none yet. A full map, or share of it, refuses it. */
static __always_inline int taint_begin(struct file *file)
{
	__u64 key = (__u64)peek(file)->f_inode;

	if (has_verity(file) || !peek(file)->f_inode->i_sb->s_vop)
		return 0; /* enabled already, or not supported: the ioctl changes nothing */
	if (!taint_put(key) || !taint_put(key))
		return 0;
	struct request request = {.op = BS_OP_VERITY};
	struct task_state *task = task_find();
	return conclude(&request, task, BS_REASON_NO_MEMORY);
}

/* The taint of this inode ends, if there is one. */
static __always_inline void taint_end(__u64 key)
{
	struct bs_taint *taint = bpf_map_lookup_elem(&taints, &key);

	if (!taint)
		return;
	const __u32 uid = taint->uid;
	if (bpf_map_delete_elem(&taints, &key))
		return; /* another task was faster */
	__sync_fetch_and_add(&state.tainted, -1);
	taint_release(uid);
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
	if (!taint)
		return;
	const __u64 seen = taint_state_of(taint);
	if ((seen & BS_TAINT_UNCLEAN) && taint_is_of(key, taint) && is_complete(file) &&
		!inode->i_mapping->nrpages)
		taint_change(taint, seen, bpf_ktime_get_boot_ns());
}

/* The inode leaves memory: the next one at this address is another. */
static __always_inline void taint_forget(struct inode *inode)
{
	if (state.tainted)
		taint_end((__u64)inode);
}
