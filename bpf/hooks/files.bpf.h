/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files: what an entitled program reads and executes, and what changes the facts that were
 * verified of a file.
 */

#include "bpf/state/maps.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/verity.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/trust/integrity.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/attach.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/doors.bpf.h"
#include "bpf/files/code.bpf.h"
#include "bpf/files/files.bpf.h"
#include "bpf/files/hold.bpf.h"
#include "bpf/files/taint.bpf.h"
#include "bpf/guard/last.bpf.h"
#include "bpf/guard/lockdown.bpf.h"
#include "bpf/guard/memory.bpf.h"
#include "bpf/guard/pins.bpf.h"

/* --- what is read and executed -------------------------------------------------------------- */

/* do_open(), when the file has its fs-verity digest and nothing was read from it. */
SEC("lsm.s/file_post_open")
int BPF_PROG(on_file_post_open, struct file *file, int access)
{
	return (access & MAY_READ) && is_verified() ? refuse_if(decide_read(file)) : 0;
}

/*
 * vm_mmap_pgoff(), shmat(2), remap_file_pages(2), and the kernel's own mapping of the ELF
 * interpreter. An inherited map could be mapped and written without bpf(2).
 */
SEC("lsm.s/mmap_file")
int BPF_PROG(on_mmap_file, struct file *file, unsigned long unused_requested,
	unsigned long protection, unsigned long flags)
{
	if (file && file_kind(file) == BS_KIND_MAP &&
		refuse_if(decide_descriptor(file, BS_KIND_MAP)))
		return -EPERM;
	if (file && (flags & MAP_SHARED) && is_without_name(file) &&
		refuse_if(decide_mapping(file, protection)))
		return -EPERM;
	if (!(protection & PROT_EXEC) && !(flags & MAP_DENYWRITE))
		return 0; /* data */
	return is_verified() ? refuse_if(decide_code(file, protection)) : 0;
}

/* backing_file_mmap(): an overlay maps the file below its own. Not in v6.18. */
SEC("lsm/mmap_backing_file")
int BPF_PROG(
	on_mmap_backing_file, struct vm_area_struct *area, struct file *below, struct file *file)
{
	return (area->vm_flags & VM_EXEC) && is_verified() ? refuse_if(decide_below(below, file))
							   : 0;
}

/* do_mprotect_pkey(): memory that was written could be executed. */
SEC("lsm/file_mprotect")
int BPF_PROG(on_file_mprotect, struct vm_area_struct *area, unsigned long unused_requested,
	unsigned long protection)
{
	return (protection & PROT_EXEC) && is_verified()
		       ? refuse_if(decide_protect(area, protection))
		       : 0;
}

/* --- opening and ioctl(2) ------------------------------------------------------------------- */

/* do_dentry_open(), before the file system's own open: the file may have no digest yet. */
SEC("lsm/file_open")
int BPF_PROG(on_file_open, struct file *file)
{
	const struct inode *inode = peek(file)->f_inode;

	if (inode->i_flags & S_VERITY)
		taint_clean(file);
	if (is_bpffs(inode->i_sb))
		return refuse_if(decide_bpffs(file));
	if (is_keepers_namespace(inode))
		return alarm(BS_OP_OPEN, BS_REASON_OWN_OBJECT, file->f_path.dentry);
	if (is_ftrace_switch(file))
		return alarm(BS_OP_SYSCTL, BS_REASON_SWITCH, file->f_path.dentry);
	if (is_written_tracefs(file))
		return refuse_if(decide_lockdown(BS_LOCKDOWN_TRACEFS_WRITE));
	if (is_autofs_device(inode) && !is_init())
		return refuse_if(decide_lockdown(BS_LOCKDOWN_AUTOFS));
	if ((file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC) && is_without_name(file))
		return refuse_if(decide_shared(file->f_inode));
	if (is_own_memory(file))
		return is_verified() ? refuse_if(decide_own_memory(file)) : 0;
	return is_nameless(file) && is_verified() ? refuse_if(decide_nameless(file)) : 0;
}

/*
 * inode_init_always(): a pipe or nameless memory is made, of which no other hook tells. Without
 * memory for the note there is none of it.
 */
SEC("lsm/inode_alloc_security")
int BPF_PROG(on_inode_alloc_security, struct inode *inode)
{
	if (!is_made_without_name(inode) || !is_verified())
		return 0; /* nobody's that is guarded */
	return refuse_if(!share(inode) && mode() == BS_MODE_ENFORCE);
}

static __always_inline int decide_ioctl(struct file *file, unsigned int cmd)
{
	if (is_door_ioctl(cmd) && decide_door())
		return -EPERM;
	if (cmd == PERF_EVENT_IOC_SET_BPF)
		return refuse_if(decide_tracepoint(file));
	return cmd == FS_IOC_ENABLE_VERITY ? taint_begin(file) : 0;
}

/* ioctl(2): an evil page that was cached before fs-verity is complete is never verified. */
SEC("lsm.s/file_ioctl")
int BPF_PROG(on_file_ioctl, struct file *file, unsigned int cmd)
{
	return decide_ioctl(file, cmd);
}

/* ioctl(2) of a 32-bit program. */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(on_file_ioctl_compat, struct file *file, unsigned int cmd)
{
	return decide_ioctl(file, cmd);
}

/* --- changes of a file's facts -------------------------------------------------------------- */

/* __destroy_inode(): the next inode at this address is another one. */
SEC("lsm/inode_free_security")
int BPF_PROG(on_inode_free_security, struct inode *inode)
{
	taint_forget(inode);
	return 0;
}

/* overlayfs, before it copies a file up: a descriptor that is open would read the copy. */
SEC("lsm/inode_copy_up")
int BPF_PROG(on_inode_copy_up, struct dentry *dentry)
{
	return refuse_if(decide_copy_up(dentry));
}

/* __vfs_removexattr_locked(): a removed claim must count no longer. */
SEC("lsm/inode_post_removexattr")
int BPF_PROG(on_inode_post_removexattr, struct dentry *dentry)
{
	claim_changed(dentry->d_inode);
	return 0;
}

/* __vfs_setxattr_noperm(): a new claim must count. */
SEC("lsm/inode_post_setxattr")
int BPF_PROG(on_inode_post_setxattr, struct dentry *dentry)
{
	claim_changed(dentry->d_inode);
	return 0;
}

/*
 * fsverity_verify_signature(): the digest that a built-in signature is for. The next hook shows
 * the signature only, and says that it was right.
 */
SEC("fentry/fsverity_verify_signature")
int BPF_PROG(on_fsverity_verify_signature, struct fsverity_info *info, const void *signature,
	unsigned long size)
{
	if (size)
		built_in_begin(info, (__u64)signature);
	return 0;
}

/* fs-verity, when the kernel has verified a built-in signature; at a cold open of the file. */
SEC("lsm/inode_setintegrity")
int BPF_PROG(on_inode_setintegrity, struct inode *inode, unsigned int type)
{
	__u64 signature = 0;

	bpf_get_func_arg(ctx, 2, &signature); /* a void *, which a program may not read as such */
	if (type == bpf_core_enum_value(enum lsm_integrity_type, LSM_INT_FSVERITY_BUILTINSIG_VALID))
		built_in_keep(inode, signature);
	return 0;
}
