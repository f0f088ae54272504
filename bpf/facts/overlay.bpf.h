/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files on overlayfs. overlayfs opens the file below when its own is opened, and maps that one
 * always (ovl_mmap()); reads follow a later copy-up (ovl_read_iter()). So the file below is
 * measured, and earlier reads are trusted only while the overlay still has its data there:
 * is_below().
 *
 * The structs are those of fs/overlayfs/, which no kernel header shows; checked on 6.12, 6.18
 * and 7.3. They come from the BTF of the module, so it must be loaded before us: without it, or
 * with another's functions behind the file, there is no file below, and that denies.
 */

#include "bpf/state/task.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* private_data of an overlay's file since v6.13; before, that is the file below itself. */
struct ovl_file {
	struct file *realfile;
};

struct ovl_path {
	struct dentry *dentry;
};

struct ovl_entry {
	unsigned int __numlower;
	struct ovl_path __lowerstack[0]; /* the last has the data */
};

struct ovl_inode {
	unsigned long flags; /* bit n: enum ovl_inode_flag n */
	struct inode vfs_inode;
	struct dentry *__upperdentry;
	struct ovl_entry *oe;
};

#pragma clang attribute pop

/* enum ovl_inode_flag; the value comes from the running kernel. */
enum ovl_inode_flag {
	OVL_UPPERDATA = 3, /* the upper layer has the data too, not metadata only */
};

static __always_inline bool is_overlay(struct file *file)
{
	return peek(file)->f_inode->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC;
}

/* Did the kernel have overlay.ko, as we know it, when we were loaded? */
static __always_inline bool knows_overlay(void)
{
	return address.ovl_file_operations && bpf_core_type_exists(struct ovl_inode) &&
	       bpf_core_enum_value_exists(enum ovl_inode_flag, OVL_UPPERDATA);
}

/*
 * The file below that was opened with this file of an overlay; NULL: none, or unknown. A device
 * there has its driver's functions.
 */
static __always_inline struct file *file_below(struct file *file)
{
	struct ovl_file *opened = file->private_data;

	if (!knows_overlay() || (__u64)peek(file)->f_op != address.ovl_file_operations)
		return NULL;
	if (bpf_core_type_exists(struct ovl_file))
		return BPF_CORE_READ(opened, realfile);
	return (struct file *)opened;
}

/* The address of the inode whose pages are mapped; 0: unknown. */
static __always_inline __u64 data_inode(struct file *file)
{
	struct file *below;

	if (!is_overlay(file))
		return number_of(peek(file)->f_inode);
	below = file_below(file);
	return below ? (__u64)BPF_CORE_READ(below, f_inode) : 0;
}

static __always_inline struct ovl_inode *overlay_inode(struct file *file)
{
	return (void *)number_of(peek(file)->f_inode) -
	       bpf_core_field_offset(struct ovl_inode, vfs_inode);
}

/* The inode that the last layer below has for it: the data, where the upper layer has none. */
static __always_inline __u64 lowest_inode(struct ovl_entry *entry)
{
	struct ovl_path *path =
		(void *)entry + bpf_core_field_offset(struct ovl_entry, __lowerstack);
	__u32 n = BPF_CORE_READ(entry, __numlower);

	if (!n)
		return 0;
	path = (void *)path + (n - 1) * bpf_core_type_size(struct ovl_path);
	return (__u64)BPF_CORE_READ(path, dentry, d_inode);
}

/*
 * Has the overlay copied something of it into its upper layer? Without more, nothing there is the
 * data.
 */
static __always_inline bool has_upper(struct file *file)
{
	return knows_overlay() && BPF_CORE_READ(overlay_inode(file), __upperdentry);
}

static __always_inline bool was_copied_up(struct file *file)
{
	return has_upper(file) && BPF_CORE_READ(overlay_inode(file), oe, __numlower);
}

/* The inode that a read of the overlay's file gets its data from now. */
static __always_inline __u64 current_inode(struct file *file)
{
	struct ovl_inode *inode = overlay_inode(file);
	__u64 upper = (__u64)BPF_CORE_READ(inode, __upperdentry, d_inode);
	__u64 has_data = BPF_CORE_READ(inode, flags) &
			 (1ULL << bpf_core_enum_value(enum ovl_inode_flag, OVL_UPPERDATA));

	return upper && has_data ? upper : lowest_inode(BPF_CORE_READ(inode, oe));
}

/*
 * Are the bytes that were read from this file the bytes that are mapped? Copy-up is irreversible,
 * so checking once at the end also covers every earlier read.
 */
static __always_inline bool is_below(struct file *file)
{
	if (!is_overlay(file))
		return true;
	return file_below(file) && current_inode(file) == data_inode(file);
}
