/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Changes of the kernel, and reads of its memory, as lockdown.def lists them: modules without a
 * signature, another kernel, /dev/mem, kprobes, tracefs. And the second fence of a load, for which
 * the kernel calls the same hook.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/objects.bpf.h"

/* --- the second fence of a load ------------------------------------------------------------- */

/*
 * The verifier asks before it grants a program the helpers that read kernel memory or write a
 * process's. It refuses here a helper that the scan before it missed. BS_CAUSE_END: another reason.
 */
static __always_inline __u32 locked_cause(__u32 what)
{
	if (what == bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_READ_KERNEL))
		return BS_CAUSE_KERNEL_READS;
	if (what == bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_WRITE_USER))
		return BS_CAUSE_USER_WRITES;
	return BS_CAUSE_END;
}

/* Does the entry deny this to the load under way? */
static __always_inline bool is_locked(const struct task_state *task, __u32 cause)
{
	struct bs_program *entry = entry_of(&task->mark);
	struct judgement *judgement = judgement_make();

	if (!entry || !entry->load.denied[cause].unnamed)
		return false; /* the whole group is granted */
	return !judgement || judgement->verdict.reason != BS_REASON_TRIVIAL; /* libbpf's probe */
}

static __always_inline int decide_locked(__u32 cause)
{
	struct task_state *task = task_find();

	if (!task || task->command != BPF_PROG_LOAD || mode() != BS_MODE_ENFORCE)
		return 0; /* no load that was judged */
	/* silent: the verifier's log says that the helper is not there */
	return is_locked(task, cause);
}

/* --- lockdown ------------------------------------------------------------------------------- */

/* enum bs_lockdown of the running kernel's enum lockdown_reason. */
static __always_inline __u32 lockdown_of(__u32 what)
{
#define LOCKDOWN(id, word, level, doc)                                                             \
	if (bpf_core_enum_value_exists(enum lockdown_reason, LOCKDOWN_##id) &&                     \
		what == bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_##id))                  \
		return BS_LOCKDOWN_##id;
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
	return BS_LOCKDOWN_OTHER;
}

/* Is a file of tracefs opened for writing? The kernel asks the same question for reading. */
static __always_inline bool is_written_tracefs(const struct file *file)
{
	return peek(file)->f_inode->i_sb->s_magic == TRACEFS_MAGIC && (file->f_mode & FMODE_WRITE);
}

#define AUTOFS_DEVICE (10 << 20 | 235) /* Documentation/admin-guide/devices.txt */

/* The older way, an ioctl on the mount, knows one error only. */
static __always_inline bool is_autofs_device(const struct inode *inode)
{
	return (inode->i_mode & S_IFMT) == S_IFCHR && inode->i_rdev == AUTOFS_DEVICE;
}

/* Is what root can write in this file of the kernel's to become what nobody can write? */
static __always_inline bool is_pseudo_mode(const struct inode *inode, const struct iattr *attr)
{
	const unsigned long magic = inode->i_sb->s_magic;

	return (attr->ia_valid & ATTR_MODE) && (inode->i_mode & S_IWUGO) &&
	       !(attr->ia_mode & S_IWUGO) && (inode->i_mode & S_IFMT) == S_IFREG &&
	       (magic == SYSFS_MAGIC || magic == PROC_SUPER_MAGIC || magic == DEBUGFS_MAGIC ||
		       magic == TRACEFS_MAGIC || magic == CGROUP_SUPER_MAGIC);
}

static __always_inline bool is_kexec_file(__u32 what)
{
	return what == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE) ||
	       what == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_INITRAMFS);
}

/*
 * Does a kernel debugger ask? It has stopped the other processors, and one of them may hold the
 * lock of the ring buffer: no record.
 */
static __always_inline bool is_debuggers(__u32 lockdown)
{
	return lockdown == BS_LOCKDOWN_XMON_WR || lockdown == BS_LOCKDOWN_XMON_RW ||
	       lockdown == BS_LOCKDOWN_DBG_WRITE_KERNEL || lockdown == BS_LOCKDOWN_DBG_READ_KERNEL;
}

/* Does the task's entry grant it? The mark may have been judged by an earlier policy. */
static __always_inline bool is_excepted(struct task_state *task, __u64 bit)
{
	return task && mark_update(task) && is_entitled(&task->mark) &&
	       (task->mark.verdict.kernel & bit);
}

static __always_inline int conclude_lockdown(
	struct task_state *task, __u32 lockdown, const struct bs_kernel *kernel)
{
	static const char words[BS_LOCKDOWN_END][24] = {
#define LOCKDOWN(id, word, level, doc) word,
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
	};
	struct request request = {.op = BS_OP_LOCKDOWN, .object = words[lockdown]};

	if (is_debuggers(lockdown))
		return mode() == BS_MODE_ENFORCE;
	request.line = kernel ? kernel->line : 0;
	return conclude(&request, task, BS_REASON_LOCKDOWN);
}

/*
 * A uprobe of perf_event_open(2) is refused where the kernel looks up the path of its file, before
 * it writes the probe into the file's pages: the call looks up no other path. lsm/perf_event_open
 * knows the event's type on 6.12 only (v6.15, "perf: Remove unnecessary parameter of security
 * check"); before its first call nothing is looked at.
 */
static __always_inline bool is_uprobe_path(void)
{
	return state.perf_events && is_in_perf_call();
}

/*
 * The current task asks for this. lockdown: enum bs_lockdown. Global, see emit(). An approval is
 * not recorded: one tool may make a thousand kprobes. Without a policy all is denied.
 */
__noinline int decide_lockdown(__u32 lockdown)
{
	static const char key[BS_NAME_SIZE] = BS_KERNEL_KEY;
	__u32 policy = 0;

	if (lockdown >= BS_LOCKDOWN_END)
		return 0;
	struct bs_kernel *kernel = (void *)policy_entry(key, &policy);
	if (kernel && !(kernel->denied & 1ULL << lockdown))
		return 0; /* granted to every task */
	struct task_state *task = task_find();
	if (kernel && is_excepted(task, 1ULL << lockdown))
		return 0;
	return conclude_lockdown(task, lockdown, kernel);
}
