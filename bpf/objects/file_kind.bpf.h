/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What of BPF's a file is: a descriptor of a map, program or link, or a pin that was opened. */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"

/* Other kinds of BPF descriptors than those of enum bs_kind. */
enum file_kind {
	FILE_BTF = 16,
	FILE_ITERATOR,
	FILE_TOKEN,
	FILE_PIN, /* a map with BTF or an iterator, by open(2) of its pin */
};

/*
 * The kind of a file of a bpffs: a pin has its object in the inode, a token has none there. O_PATH
 * opens nothing, and anybody may.
 */
static __always_inline int pin_kind(const struct file *seen)
{
	if ((seen->f_inode->i_mode & S_IFMT) != S_IFREG)
		return BS_KIND_ALIAS;
	if (!seen->f_inode->i_private)
		return FILE_TOKEN;
	return seen->f_mode & (FMODE_READ | FMODE_WRITE) ? FILE_PIN : BS_KIND_ALIAS;
}

/* enum bs_kind or file_kind of a descriptor, or BS_KIND_ALIAS: nothing of BPF's. */
static __noinline int file_kind(struct file *file)
{
	const struct file *seen = bpf_rdonly_cast(file, bpf_core_type_id_kernel(struct file));
	unsigned long magic = seen->f_inode->i_sb->s_magic; /* 0 when there is no file: no fault */
	__u64 name = 0;

	if (magic == BPF_FS_MAGIC)
		return pin_kind(seen);
	if (magic != ANON_INODE_FS_MAGIC)
		return BS_KIND_ALIAS;
	/* names given in kernel/bpf/syscall.c: no other anonymous inode's begins with "bpf" */
	bpf_probe_read_kernel(&name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (name == *(const __u64 *)"bpf-map")
		return BS_KIND_MAP;
	if (name == *(const __u64 *)"bpf-prog")
		return BS_KIND_PROGRAM;
	if (name == *(const __u64 *)"bpf_link" || name == *(const __u64 *)"bpf-link")
		return BS_KIND_LINK;
	if (name == *(const __u64 *)"bpf_iter")
		return FILE_ITERATOR;
	return (__u32)name == *(const __u32 *)"btf" ? FILE_BTF : BS_KIND_ALIAS;
}
