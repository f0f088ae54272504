/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Mounting and unmounting: of every bpffs, which holds pins, and of every mount on the way to ours.
 * PID 1 may move mounts, and so may every task in an initrd: that is how the system changes to its
 * real root.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/initrd.bpf.h"
#include "bpf/facts/way.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/guard/pins.bpf.h"

static __always_inline bool may_move(void)
{
	return is_init() || is_in_initrd();
}

/* Something is mounted on this directory, or moved there. */
static __noinline int decide_cover(const struct path *path)
{
	if (!path)
		return 0;
	struct dentry *dentry = path->dentry;

	if (!may_move() && way_has((__u64)mount_of(path->mnt), number_of(dentry)))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
	return is_bpffs(dentry->d_sb) ? refuse_if(decide_directory(dentry)) : 0;
}

/* mount(2) with MS_MOVE: this hook does not see the path of the mount that is moved. */
static __always_inline bool is_blind_move(const struct path *path, unsigned long flags)
{
	return (flags & MS_MOVE) && !may_move() && is_in_our_namespace(path->mnt);
}
