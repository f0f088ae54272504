/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Hooks that protect the enforcement itself: the pins that keep the links alive, the
 * signers' keyrings, and the memory of marked tasks. Our maps and programs are
 * guarded where every other one is, in objects.bpf.h.
 */

#include "objects.bpf.h"
#include "compat.bpf.h"

/* An attack on ourselves by the current task: the alarm, and -EPERM unless we only observe. */
static __noinline int alarm(__u32 op, __u32 reason, struct dentry *dentry)
{
	struct request request = {.op = op, .flags = BS_RECORD_ALARM};
	struct task_state *task = task_find();

	if (dentry)
		request.object = BPF_CORE_READ(dentry, d_name.name);
	return conclude(&request, task ? &task->mark : NULL, reason);
}

static __always_inline bool is_pin_device(const struct super_block *sb)
{
	return pin_device && sb->s_dev == pin_device;
}

static __always_inline bool is_pin_directory(const struct inode *inode)
{
	return inode && inode->i_ino == pin_directory && is_pin_device(inode->i_sb);
}

/* Is this name one of our pins, or the directory that holds them? */
static __always_inline bool is_pin(const struct inode *directory, const struct dentry *dentry)
{
	return is_pin_directory(directory) || is_pin_directory(dentry->d_inode);
}

SEC("lsm/inode_unlink")
int BPF_PROG(on_inode_unlink, struct inode *directory, struct dentry *dentry)
{
	if (!is_pin_directory(directory))
		return 0; /* not ours */
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
}

SEC("lsm/inode_rmdir")
int BPF_PROG(on_inode_rmdir, struct inode *directory, struct dentry *dentry)
{
	if (!is_pin(directory, dentry))
		return 0; /* not ours */
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, dentry);
}

SEC("lsm/inode_rename")
int BPF_PROG(on_inode_rename, struct inode *from, struct dentry *old, struct inode *to,
	struct dentry *new)
{
	if (!is_pin(from, old) && !is_pin(to, new))
		return 0; /* not ours */
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, old);
}

SEC("lsm/sb_umount")
int BPF_PROG(on_sb_umount, struct vfsmount *mount)
{
	if (!is_pin_device(mount->mnt_sb))
		return 0; /* not ours */
	return alarm(BS_OP_UNPIN, BS_REASON_OWN_OBJECT, NULL);
}

SEC("lsm/key_permission")
int BPF_PROG(on_key_permission, void *reference, const struct cred *cred, __u32 need)
{
	__s32 serial = key_permission_serial(ctx);

	if (key_permission_is_harmless(need) || !bpf_map_lookup_elem(&keyrings, &serial))
		return 0; /* looking, verifying, or not a keyring of ours */
	struct task_state *task = task_find();
	if (task && (task->mark.flags & MARK_KEYS)) {
		trust_move(); /* should it die before it says that it is done */
		return 0;     /* an order lets it */
	}
	return alarm(BS_OP_KEYRING, BS_REASON_OWN_KEYRING, NULL);
}

/* May the current task reach into the memory of that one? Only one that wears the same name. */
static __always_inline bool is_protected_from_current(struct task_struct *task)
{
	struct task_state *theirs = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct task_state *ours = task_find();

	if (!theirs || !(theirs->mark.flags & MARK_VERIFIED))
		return false;
	return !ours || !(ours->mark.flags & MARK_VERIFIED) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}

SEC("lsm/ptrace_access_check")
int BPF_PROG(on_ptrace_access_check, struct task_struct *child, unsigned int access)
{
	if (!(access & PTRACE_MODE_ATTACH) || !is_protected_from_current(child))
		return 0; /* only looking, or nobody of ours */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(on_ptrace_traceme, struct task_struct *parent)
{
	struct task_state *task = task_find();

	if (!task || !(task->mark.flags & MARK_VERIFIED))
		return 0; /* nobody of ours */
	return alarm(BS_OP_TRACE, BS_REASON_MEMORY, NULL);
}
