/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The way to our pins: the mount of their bpffs, the mount below its mountpoint, and so on up to
 * the root of init's mount namespace. Without that mount the file system goes, with it the pins,
 * and with them the hooks. Read without the kernel's locks, so it may be wrong during a change:
 * this is one fence of two, and last.bpf.h is the other. (struct mount: fs/mount.h of v6.12)
 */

#include "bpf/state/task.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_mounts; /* its children, by their mnt_child */
	struct list_head mnt_child;
	struct mount *mnt_master; /* where it gets mounts and unmounts from */
	void *mnt_ns;
	int mnt_group_id; /* of its peers, 0: private */
};

#pragma clang attribute pop

#define WAY_STEPS 256 /* directories and mounts; a longer way is refused at the start */
#define TREE_STEPS                                                                                 \
	(1 << 17) /* of a walk through a tree of mounts; a larger tree counts as ours              \
		   */
#define WAY_MASTERS 8

/* include/uapi/linux/mount.h */
#define MNT_DETACH 2
#define MS_REMOUNT (1 << 5)
#define MS_MOVE    (1 << 13)
#define MS_CHANGE  (0xf << 17) /* MS_UNBINDABLE to MS_SHARED: how mounts propagate */

static __always_inline struct mount *mount_of(const struct vfsmount *mount)
{
	return (struct mount *)(number_of(mount) - bpf_core_field_offset(struct mount, mnt));
}

/* The mount of our pins in init's mount namespace; NULL before the start. */
static __always_inline struct mount *pin_mount(void)
{
	return (struct mount *)state.pin_mount;
}

/* Is this a mount of the namespace where our pins are? Other namespaces have copies only. */
static __always_inline bool is_in_our_namespace(const struct vfsmount *mount)
{
	struct mount *ours = pin_mount();

	return ours && BPF_CORE_READ(mount_of(mount), mnt_ns) == BPF_CORE_READ(ours, mnt_ns);
}

/* The position on the way up, and the objects that are searched; 0: any. */
struct way {
	struct mount *mount;
	struct dentry *dentry;
	__u64 wanted_mount;
	__u64 wanted_dentry;
	__u64 wanted_mountpoint;
	bool found;
};

/* One directory up; at the root of a mount, to the directory that it is mounted on. */
static long way_up(__u32 unused_step, struct way *way)
{
	struct mount *mount = way->mount;
	struct dentry *dentry = way->dentry;

	if (dentry != BPF_CORE_READ(mount, mnt.mnt_root)) {
		way->dentry = BPF_CORE_READ(dentry, d_parent);
	} else {
		way->mount = BPF_CORE_READ(mount, mnt_parent);
		if (way->mount == mount || !way->mount)
			return 1; /* the root of the namespace */
		way->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		way->found |= way->wanted_mountpoint == (__u64)way->dentry;
	}
	way->found |= way->wanted_mount == (__u64)way->mount &&
		      (!way->wanted_dentry || way->wanted_dentry == (__u64)way->dentry);
	return way->found;
}

static __always_inline bool way_search(struct way *way)
{
	struct mount *mount = pin_mount();

	if (!mount)
		return false;
	way->mount = mount;
	way->dentry = BPF_CORE_READ(mount, mnt.mnt_root);
	return bpf_loop(WAY_STEPS, way_up, way, 0) == WAY_STEPS || way->found;
}

/* Is something on the way mounted on this directory? */
__noinline int way_has_mountpoint(__u64 dentry)
{
	struct way way = {.wanted_mountpoint = dentry};

	return way_search(&way);
}

/* Does the way lead through this mount; through this directory of it, where dentry is not 0? */
__noinline int way_has(__u64 mount, __u64 dentry)
{
	struct way way = {.wanted_mount = mount, .wanted_dentry = dentry};

	return mount == (__u64)pin_mount() ? !dentry : way_search(&way);
}

/* Do mounts and unmounts below `from` propagate to `to`? */
static __always_inline bool is_peer(struct mount *from, struct mount *to)
{
	int group = BPF_CORE_READ(from, mnt_group_id);

	for (int i = 0; i < WAY_MASTERS && to && group; i++) {
		if (BPF_CORE_READ(to, mnt_group_id) == group)
			return true;
		to = BPF_CORE_READ(to, mnt_master);
	}
	return from == to;
}

/*
 * Would the kernel unmount our pins with this mount: the same one, or its copy on the same
 * directory of a peer?
 */
static __always_inline bool is_pin_mount(struct mount *mount)
{
	struct mount *ours = pin_mount();

	if (mount == ours)
		return true;
	return BPF_CORE_READ(mount, mnt.mnt_sb, s_dev) == pin_device && ours &&
	       is_peer(BPF_CORE_READ(mount, mnt_parent), BPF_CORE_READ(ours, mnt_parent));
}

struct tree {
	struct mount *root;
	struct mount *mount;
	bool upwards; /* its children were looked at */
	bool found;
};

static __always_inline struct mount *child_of(struct list_head *entry)
{
	return (struct mount *)((__u64)entry - bpf_core_field_offset(struct mount, mnt_child));
}

/* The next entry of the list of mount's children behind this one; NULL at its end. */
static __always_inline struct mount *child_behind(struct list_head *entry, struct mount *mount)
{
	__u64 head = (__u64)mount + bpf_core_field_offset(struct mount, mnt_mounts);
	struct list_head *next = BPF_CORE_READ(entry, next);

	return (__u64)next == head || !next ? NULL : child_of(next);
}

/* One mount further through the tree: children first, then siblings. */
static long tree_step(__u32 unused_step, struct tree *tree)
{
	struct mount *mount = tree->mount, *next = NULL, *parent;

	if (!tree->upwards) {
		tree->found = is_pin_mount(mount);
		next = child_behind(
			(void *)mount + bpf_core_field_offset(struct mount, mnt_mounts), mount);
	}
	if (!next) {
		if (tree->found || mount == tree->root)
			return 1;
		parent = BPF_CORE_READ(mount, mnt_parent);
		next = child_behind(
			(void *)mount + bpf_core_field_offset(struct mount, mnt_child), parent);
		tree->upwards = !next;
		next = next ?: parent;
	} else {
		tree->upwards = false;
	}
	tree->mount = next;
	return tree->found || !next;
}

/* Would our pins be unmounted with this mount and all that is mounted below it? */
__noinline int tree_has_pins(__u64 mount)
{
	struct tree tree = {.root = (struct mount *)mount, .mount = (struct mount *)mount};

	return bpf_loop(TREE_STEPS, tree_step, &tree, 0) == TREE_STEPS || tree.found;
}
