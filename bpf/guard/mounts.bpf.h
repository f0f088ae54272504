/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Mounting and unmounting: of any bpffs, which holds somebody's pins, and of whatever the way to
 * ours leads through. PID 1 may move mounts, and in the initrd whoever works for it: that is how it
 * changes to the real root.
 */

#include "bpf/facts/initrd.bpf.h"
#include "bpf/guard/pins.bpf.h"

static __always_inline bool may_move(void)
{
	return is_init() || is_in_initrd();
}

/*
 * Is this a mount of the namespace where our pins are? Others have copies, and may do with them
 * what they like.
 */
static __always_inline bool is_in_our_namespace(const struct vfsmount *mount)
{
	struct mount *ours = pin_mount();

	return ours && BPF_CORE_READ(mount_of(mount), mnt_ns) == BPF_CORE_READ(ours, mnt_ns);
}

/* Something is mounted at this place, or moved there. */
static __noinline int decide_cover(const struct path *path)
{
	if (!path)
		return 0;
	struct dentry *dentry = path->dentry;

	if (!may_move() && way_has((__u64)mount_of(path->mnt), number_of(dentry)))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
	return is_bpffs(dentry->d_sb) ? refuse_if(decide_place(dentry)) : 0;
}

/* mount(2) names what it moves by a path that this hook does not see. */
static __always_inline bool is_blind_move(const struct path *path, unsigned long flags)
{
	return (flags & MS_MOVE) && !may_move() && is_in_our_namespace(path->mnt);
}

SEC("lsm/sb_mount")
int BPF_PROG(on_sb_mount, const char *unused_device, const struct path *path,
	const char *unused_type, unsigned long flags)
{
	if (is_blind_move(path, flags))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, path->dentry);
	if (!(flags & (MS_REMOUNT | MS_CHANGE)))
		return refuse_if(decide_cover(path));
	return is_bpffs(path->dentry->d_sb) ? refuse_if(decide_place(path->dentry)) : 0;
}

SEC("lsm/move_mount")
int BPF_PROG(on_move_mount, const struct path *from, const struct path *to)
{
	if (!may_move() && way_has((__u64)mount_of(from->mnt), 0))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, from->dentry);
	return refuse_if(decide_cover(to));
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(on_sb_pivotroot, const struct path *unused_old, const struct path *new)
{
	if (may_move() || !is_in_our_namespace(new->mnt))
		return 0; /* a container's */
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, new->dentry);
}

/* mount -o remount, and fsconfig(2). */
SEC("lsm/sb_remount")
int BPF_PROG(on_sb_remount, struct super_block *sb)
{
	if (!is_bpffs(sb))
		return 0; /* no pins */
	if (is_pin_device(sb))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, NULL);
	return refuse_if(decide_place(NULL));
}

SEC("lsm/sb_umount")
int BPF_PROG(on_sb_umount, struct vfsmount *mount, int flags)
{
	__u64 ours = (__u64)mount_of(mount);

	if (is_pin_mount((struct mount *)ours) || ((flags & MNT_DETACH) && tree_has_pins(ours)))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, mount->mnt_root);
	if (!is_bpffs(mount->mnt_sb) || is_pin_device(mount->mnt_sb))
		return 0; /* no pins, or a copy of our mount that others have in their namespace */
	return refuse_if(decide_place(NULL));
}
