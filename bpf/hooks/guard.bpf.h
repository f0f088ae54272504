/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The enforcement protects itself: its pins, the mounts that they depend on, its last fence, the
 * signers' keyrings and the memory of marked tasks. Above each hook: the kernel function in which
 * it fires, and the attack that it stops.
 */

#include "bpf/kernel/compat.bpf.h"
#include "bpf/kernel/kernel.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/trust/keys.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/guard/last.bpf.h"
#include "bpf/guard/lockdown.bpf.h"
#include "bpf/guard/memory.bpf.h"
#include "bpf/guard/pins.bpf.h"

/* --- pins ----------------------------------------------------------------------------------- */

/* vfs_unlink(): a link whose last pin is removed is detached. */
SEC("lsm/inode_unlink")
int BPF_PROG(on_inode_unlink, struct inode *directory, struct dentry *dentry)
{
	if (!is_bpffs(peek(directory)->i_sb))
		return 0; /* not a pin */
	if (is_pin_directory(directory))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
	return refuse_if(decide_change(dentry, dentry->d_inode));
}

/* vfs_rmdir(): our directory, which is empty while a start begins. Others with pins are not. */
SEC("lsm/inode_rmdir")
int BPF_PROG(on_inode_rmdir, struct inode *directory, struct dentry *dentry)
{
	if (!is_own_pin(directory, dentry))
		return 0;
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
}

/* vfs_rename(): a pin is moved away or replaced. */
SEC("lsm/inode_rename")
int BPF_PROG(on_inode_rename, struct inode *from, struct dentry *old, struct inode *to,
	struct dentry *new)
{
	if (is_own_pin(from, old) || is_own_pin(to, new))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, old);
	return is_bpffs(peek(from)->i_sb) ? refuse_if(decide_rename(old, new)) : 0;
}

/* vfs_link(): a second name keeps a link attached that its owner unpins. */
SEC("lsm/inode_link")
int BPF_PROG(on_inode_link, struct dentry *old, struct inode *directory)
{
	if (!is_bpffs(peek(directory)->i_sb))
		return 0; /* not a pin */
	if (is_pin_directory(directory) || is_pin_directory(peek(old)->d_parent->d_inode))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, old);
	return refuse_if(decide_change(old, old->d_inode));
}

/* vfs_symlink(): a symbolic link where somebody looks for a pin leads to another one. */
SEC("lsm/inode_symlink")
int BPF_PROG(on_inode_symlink, struct inode *directory, struct dentry *dentry)
{
	if (!is_bpffs(peek(directory)->i_sb))
		return 0; /* not beside a pin */
	if (is_pin_directory(directory))
		return alarm(BS_OP_PIN, BS_REASON_OWN_OBJECT, dentry);
	return refuse_if(decide_directory(dentry));
}

/* vfs_mkobj(), by BPF_OBJ_PIN: an entitled program pins an object among our pins. */
SEC("lsm/inode_create")
int BPF_PROG(on_inode_create, struct inode *directory, struct dentry *dentry)
{
	if (!is_pin_directory(directory))
		return 0; /* whoever may pin may pin elsewhere */
	return alarm(BS_OP_PIN, BS_REASON_OWN_OBJECT, dentry);
}

/* vfs_mkdir(): a directory among our pins stops a later start from removing them. */
SEC("lsm/inode_mkdir")
int BPF_PROG(on_inode_mkdir, struct inode *directory, struct dentry *dentry)
{
	if (!is_pin_directory(directory))
		return 0; /* an empty directory is harmless elsewhere */
	return alarm(BS_OP_PIN, BS_REASON_OWN_OBJECT, dentry);
}

/*
 * notify_change(): mode and owner open a pin to others, or close it to its owner; truncate(2) of
 * memory that /proc shows writes zeros there.
 */
SEC("lsm/inode_setattr")
int BPF_PROG(on_inode_setattr, void *unused_idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	const unsigned int valid = attr->ia_valid;

	/* ftruncate(2) needs a descriptor for writing */
	if (inode && (valid & ATTR_SIZE) && (valid & (ATTR_FILE | ATTR_OPEN)) != ATTR_FILE &&
		is_made_without_name(inode))
		return refuse_if(decide_shared(inode));
	if (inode && is_pseudo_mode(inode, attr))
		return refuse_if(decide_lockdown(BS_LOCKDOWN_PSEUDO_MODES));
	if (!inode || !is_bpffs(dentry->d_sb))
		return 0; /* not a pin */
	if (is_pin_directory(inode) || is_pin_directory(dentry->d_parent->d_inode))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
	return refuse_if(decide_change(dentry, inode));
}

/*
 * pick_link(), by truncate(2) of what /proc shows of a process. Inodes of segments and anonymous
 * memory are private: no hook is asked about them.
 */
SEC("lsm/inode_follow_link")
int BPF_PROG(on_inode_follow_link, struct dentry *dentry, struct inode *inode)
{
	if (peek(inode)->i_sb->s_magic != PROC_SUPER_MAGIC || !is_in_truncate() || is_verified())
		return 0;
	return is_of_descriptors(dentry) ? alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL) : 0;
}

/* --- mounts --------------------------------------------------------------------------------- */

/* path_mount(), for mount(2): a mount over a directory of pins hides them; or its options change.
 */
SEC("lsm/sb_mount")
int BPF_PROG(on_sb_mount, const char *unused_device, const struct path *path)
{
	if (is_keepers_mount(path->mnt))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, path->dentry);
	return is_bpffs(peek(path)->dentry->d_sb) ? refuse_if(decide_directory(path->dentry)) : 0;
}

/* move_mount(2): the same, with a detached mount or another; or two become peers. */
SEC("lsm/move_mount")
int BPF_PROG(on_move_mount, const struct path *from, const struct path *to)
{
	if (is_keepers_mount(from->mnt) || is_keepers_mount(to->mnt))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, to->dentry);
	return is_bpffs(peek(to)->dentry->d_sb) ? refuse_if(decide_directory(to->dentry)) : 0;
}

/* reconfigure_super(), by mount -o remount and fsconfig(2): a bpffs that is read-only or closed. */
SEC("lsm/sb_remount")
int BPF_PROG(on_sb_remount, struct super_block *sb)
{
	if (!is_bpffs(sb))
		return 0; /* no pins */
	if (is_pin_device(sb))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, NULL);
	return refuse_if(decide_directory(NULL));
}

/* do_umount(): an unmounted bpffs drops its pins. Of ours nobody should have a mount: pins.bpf.h.
 */
SEC("lsm/sb_umount")
int BPF_PROG(on_sb_umount, struct vfsmount *mount)
{
	if (is_pin_device(mount->mnt_sb) || is_keepers_mount(mount))
		return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, mount->mnt_root);
	return is_bpffs(mount->mnt_sb) ? refuse_if(decide_directory(NULL)) : 0;
}

/* --- the last fence ------------------------------------------------------------------------- */

/* __sys_bpf(): bpf(2) would be free when our other hooks are gone. A return of 0 means -EPERM. */
SEC("lsm_cgroup/bpf")
int BPF_PROG(on_cgroup_bpf)
{
	return !is_broken();
}

/* security_locked_down(): the kernel could be changed then, and this fence with it. */
SEC("lsm_cgroup/locked_down")
int BPF_PROG(on_cgroup_locked_down)
{
	return !is_broken();
}

/* kernel_read_file(): so could another kernel begin, which kexec_file_load(2) reads. */
SEC("lsm_cgroup/kernel_read_file")
int BPF_PROG(on_cgroup_kernel_read_file, struct file *unused_file, __u32 what)
{
	return !is_broken() || !is_kexec_file(what);
}

/*
 * proc_sys_call_handler(): kernel.ftrace_enabled=0 makes every LSM program inert
 * (kernel/trace/ftrace.c up to v7.2). A return of 0 means -EPERM.
 */
SEC("cgroup/sysctl")
int on_cgroup_sysctl(struct bpf_sysctl *sysctl)
{
	return !is_switching_ftrace(sysctl);
}

/* --- keyrings and memory -------------------------------------------------------------------- */

/* key_task_permission(): root adds a key of hers to a signer's keyring, or destroys the ring. */
SEC("lsm/key_permission")
int BPF_PROG(on_key_permission, void *unused_reference, const struct cred *unused_cred, __u32 need)
{
	int answer = decide_key(key_permission_key(ctx), need);

	return answer == -EBUSY ? -EBUSY : refuse_if(answer);
}

/*
 * __ptrace_may_access(), by ptrace(2), /proc/PID/mem, process_vm_writev(2) and pidfd_getfd(2): root
 * rewrites an entitled program while it runs. By /proc/PID/root, /proc/PID/ns and setns(2), which
 * look only: root comes to the place of our pins.
 */
SEC("lsm/ptrace_access_check")
int BPF_PROG(on_ptrace_access_check, struct task_struct *child, unsigned int access)
{
	if (is_keeper(child))
		return refuse_if(decide_keeper(access));
	if (!(access & PTRACE_MODE_ATTACH) || !is_protected_from_current(child))
		return 0; /* a look, or a task that we do not protect */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}

/* ptrace_traceme(): an entitled program makes its parent its tracer, which leads it. */
SEC("lsm/ptrace_traceme")
int BPF_PROG(on_ptrace_traceme, struct task_struct *unused_parent)
{
	return is_verified() ? alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL) : 0;
}
