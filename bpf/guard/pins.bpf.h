/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Pins. Those of other owners are guarded by the owner of the pinned object: a removed link is
 * detached. Our own are guarded by their directory, and by their place: their bpffs is mounted in
 * the mount namespace of a kernel thread, the keeper, and nowhere else. Nobody comes into it: a
 * look at the keeper is refused, and so is opening the file of its namespace. Who has a path there
 * all the same, from before the start or by a control program's descriptor, changes no mount of it.
 */

#include "bpf/kernel/kfuncs.bpf.h"
#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/objects.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum; /* of the inode on nsfs */
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy___mounts {
	struct mnt_namespace *mnt_ns;
};

struct mount { /* fs/mount.h */
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};

#pragma clang attribute pop

static __always_inline bool is_bpffs(const struct super_block *sb)
{
	return sb->s_magic == BPF_FS_MAGIC;
}

static __always_inline bool is_pin_device(const struct super_block *sb)
{
	return pin_device && sb->s_dev == pin_device;
}

static __always_inline bool is_pin_directory(const struct inode *inode)
{
	return inode && inode->i_ino == pin_directory && is_pin_device(peek(inode)->i_sb);
}

/* It never ends, so its number is nobody else's. */
static __always_inline bool is_keeper(const struct task_struct *task)
{
	return pin_keeper && peek(task)->tgid == pin_keeper;
}

/*
 * Is this mount in the keeper's namespace? move_mount(2) with MOVE_MOUNT_SET_GROUP makes a mount
 * there the peer of another, whose unmounts reach it then, wherever its caller is.
 */
static __always_inline bool is_keepers_mount(const struct vfsmount *mount)
{
	struct mount *whole = (void *)(number_of(mount) - bpf_core_field_offset(struct mount, mnt));

	return pin_namespace && BPF_CORE_READ(whole, mnt_ns, ns.inum) == pin_namespace;
}

/* Is the keeper in the namespace that we guard, and nobody else? Without an iterator: no. */
static __noinline bool keeper_is_alone(void)
{
	bool keeper = false, another = true;
	struct bpf_iter_task tasks;
	struct task_struct *task;

	bpf_rcu_read_lock();
	another = bpf_iter_task_new(&tasks, NULL, BPF_TASK_ITER_ALL_THREADS) != 0;
	while (!another && (task = bpf_iter_task_next(&tasks))) {
		struct nsproxy___mounts *namespaces = (void *)BPF_CORE_READ(task, nsproxy);
		if (BPF_CORE_READ(namespaces, mnt_ns, ns.inum) != pin_namespace)
			continue;
		keeper |= is_keeper(task);
		another = !is_keeper(task);
	}
	bpf_iter_task_destroy(&tasks);
	bpf_rcu_read_unlock();
	return keeper && !another;
}

/* Is this the keeper's mount namespace: /proc/PID/ns/mnt, NS_MNT_GET_NEXT, a file handle? */
static __always_inline bool is_keepers_namespace(const struct inode *inode)
{
	return inode->i_sb->s_magic == NSFS_MAGIC && inode->i_ino == pin_namespace;
}

/*
 * The current task looks at the keeper; access: as of __ptrace_may_access(). Our own programs find
 * the pins by it. Not an alarm, since lsof(8) and others look at everything. No record of a control
 * program's mark that is old: proc says EACCES, and it asks again.
 */
static __noinline int decide_keeper(unsigned int access)
{
	static const char name[] = "kdevtmpfs";
	struct task_state *task = task_find();
	struct request request = {.op = BS_OP_TRACE, .object = name};

	const int control = control_answer(task);

	if (control == 1)
		return 0;
	if (control == -EBUSY || (access & PTRACE_MODE_NOAUDIT))
		return mode() == BS_MODE_ENFORCE;
	return conclude(&request, task, BS_REASON_PLACE);
}

/* Is this one of our pins, or the directory that holds them? */
static __always_inline bool is_own_pin(const struct inode *directory, const struct dentry *dentry)
{
	return is_pin_directory(directory) || is_pin_directory(dentry->d_inode);
}

/* May the current task change the pin? When it may write or replace the pinned object. */
static __always_inline int change_reason(
	struct task_state *task, const struct bs_owner *owner, struct judgement *judgement)
{
	if (!judgement)
		return BS_REASON_NO_MEMORY;
	if (!task) /* never marked: an unsigned program */
		return owner && !owner->name[0] ? BS_REASON_OK : BS_REASON_FOREIGN_PIN;
	if (!mark_update(task))
		return BS_REASON_FOREIGN_PIN; /* this hook cannot verify it again */
	__builtin_memset(judgement->name, 0, BS_MAP_NAME);
	if (owner)
		__builtin_memcpy(judgement->name, owner->object, BS_MAP_NAME);
	__u32 kind = owner && owner->kind == BS_KIND_MAP ? BS_KIND_MAP : BS_KIND_PROGRAM;
	if (access_of(&task->mark, owner, kind, judgement) == BS_ACCESS_WRITE)
		return BS_REASON_OK;
	return BS_REASON_FOREIGN_PIN;
}

/* May the current task change a directory or mount of a bpffs? Only an entitled one. */
static __always_inline int directory_reason(struct task_state *task)
{
	if (task && mark_update(task) && is_entitled(&task->mark))
		return BS_REASON_OK;
	return BS_REASON_FOREIGN_PIN;
}

static __always_inline int conclude_pin(
	struct request *request, struct task_state *task, int reason)
{
	return reason ? conclude(request, task, reason) : 0;
}

/* A pin is removed, renamed, linked or changed by the current task. */
static __noinline int decide_change(struct dentry *dentry, struct inode *inode)
{
	if (!dentry || !inode)
		return 0;

	struct task_state *task = task_find();
	struct bs_owner *owner = owner_find(BPF_CORE_READ(inode, i_private));
	struct request request = {.op = BS_OP_UNPIN, .owner = owner ? owner->name : NULL};

	request.object = BPF_CORE_READ(dentry, d_name.name);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG)
		return conclude_pin(&request, task, change_reason(task, owner, judgement_make()));
	return conclude_pin(&request, task, directory_reason(task));
}

/* A pin is renamed, and may replace another pin. */
static __always_inline int decide_rename(struct dentry *old, struct dentry *new)
{
	if (decide_change(old, old->d_inode))
		return -EPERM;
	return new->d_inode ? refuse_if(decide_change(new, new->d_inode)) : 0;
}

/* Something is mounted over a directory of a bpffs, or unmounted from it. */
static __noinline int decide_directory(struct dentry *dentry)
{
	struct task_state *task = task_find();
	struct request request = {.op = BS_OP_UNPIN};

	if (dentry)
		request.object = BPF_CORE_READ(dentry, d_name.name);
	return conclude_pin(&request, task, directory_reason(task));
}

/* Something of a bpffs is opened: our directory, one of our pins, which nobody reads, or another.
 */
static __always_inline int decide_bpffs(struct file *file)
{
	if ((peek(file)->f_inode->i_mode & S_IFMT) != S_IFREG)
		return 0;
	if (is_pin_directory(peek(file)->f_path.dentry->d_parent->d_inode))
		return alarm(BS_OP_OPEN, BS_REASON_OWN_OBJECT, file->f_path.dentry);
	return decide_pin(file);
}
