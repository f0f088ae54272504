/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Code of an entitled program other than its own file: the ELF interpreter, shared libraries,
 * plug-ins, and memory that is made executable.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/initrd.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/files/files.bpf.h"

/* Is it memory without a file that could be signed: anonymous, memfd_create(2), SysV shared memory?
 */
static __always_inline bool is_memory(struct file *file)
{
	return !file || (file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

/* Is it the file that the process executed; of a script, its interpreter? */
static __always_inline bool is_own_code(const struct mark *mark, const __u8 *digest)
{
	return digest_equal(digest, mark->code);
}

/*
 * May the bytes of this file be executed? An executable is code only as what was executed: mapped
 * as a library or as the loader, it would be another program's first instruction in this one. The
 * kernel reads the header of the loader, and the loader those of the libraries, long before they
 * are mapped: the file must have been settled when the program started.
 */
static __always_inline int library_reason(struct file *file, struct bs_program *entry,
	const struct mark *mark, struct verification *scratch)
{
	int reason = file_reason(
		file, entry, ROLE(LIBRARY) | ROLE(EXECUTABLE), mark->started_ns, scratch);

	if (!reason && scratch->facts.role != BS_ROLE_LIBRARY &&
		!is_own_code(mark, scratch->measured.digest))
		reason = BS_REASON_WRONG_ROLE;
	if (reason && is_trusted_path(file, entry, scratch))
		return BS_REASON_OK;
	return reason;
}

static __always_inline int code_reason(struct file *file, unsigned long protection,
	struct bs_program *entry, const struct mark *mark, struct verification *scratch)
{
	const bool executed = protection & PROT_EXEC;
	const bool memory = is_memory(file); /* which a loader would call, too */

	if (((memory && file) || executed) && (memory || (protection & PROT_WRITE)) &&
		!entry->files.jit.value)
		return BS_REASON_JIT;
	if (memory || !file)
		return BS_REASON_OK;
	return library_reason(file, entry, mark, scratch);
}

/*
 * Does the program lose its rights instead of the mapping? If its entry says so; and PID 1 always,
 * since the kernel panics when it ends. Only while no other task has a mark for the same memory: no
 * other thread, and not the parent of a child that shares it.
 */
static __always_inline bool gives_up(const struct mark *mark, const struct bs_program *entry)
{
	if (is_control(mark) || (mark->verdict.flags & MARK_SHARED) ||
		(entry->files.libraries.value != BS_LIBRARIES_REVOKE && !is_init()))
		return false;
	return BPF_CORE_READ(bpf_get_current_task_btf(), signal, nr_threads) == 1;
}

/*
 * A verified process maps something that it may execute, or that its loader will change and call;
 * file may be NULL.
 */
static __noinline int decide_code(struct file *file, unsigned long protection)
{
	struct task_state *task = task_current();
	struct bs_program *entry = task ? entry_inside(&task->mark) : NULL;
	struct verification *scratch = verification_make();
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	if (!entry)
		return 0; /* nothing is checked */
	if (!scratch)
		return conclude_inside(&request, task, BS_REASON_NO_MEMORY);
	int reason = code_reason(file, protection, entry, &task->mark, scratch);
	if (!reason)
		return 0;
	request.line =
		reason == BS_REASON_JIT ? entry->files.jit.line : entry->files.libraries.line;
	if (file) {
		fill_opened(scratch, file);
		request.object = scratch->opened;
	}
	int denied = conclude_inside(&request, task, reason);
	if (!denied || !gives_up(&task->mark, entry))
		return denied;
	mark_refuse(&task->mark, reason);
	judge(&task->mark);
	mark_impose(task);
	return 0; /* into a program that is entitled to nothing any more */
}

/* --- a second look where the kernel has one ------------------------------------------------- */

/*
 * An overlay maps the file below, and the kernel gives us its digest: is it the one that was read
 * before? A file without a digest was not granted for one. Without this hook (v6.18) there is only
 * the first look.
 */
static __noinline int decide_below(struct file *below, struct file *file)
{
	struct task_state *task = task_find();
	struct verification *scratch =
		bpf_task_storage_get(&verifications, bpf_get_current_task_btf(), NULL, 0);
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	if (!below || !file || !entry_inside(&task->mark) || !is_overlay(file))
		return 0; /* nothing is checked */
	if (scratch && !measure(file, &scratch->measured))
		return 0;
	if (scratch && measure(below, &scratch->below) &&
		data_inode(file) == (__u64)peek(below)->f_inode &&
		digest_equal(scratch->below.digest, scratch->measured.digest))
		return 0;
	request.object = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	return conclude_inside(&request, task, BS_REASON_CROSS_CHECK);
}

/* --- mprotect(2), where nothing can be verified anew ---------------------------------------- */

/* The verdict of the time when this file was opened or mapped. */
static __always_inline int known_reason(
	struct file *file, struct bs_program *entry, const struct mark *mark)
{
	struct facts *facts = bpf_inode_storage_get(&claims, file->f_inode, NULL, 0);

	if (!facts || facts->verified_ns <= FACTS_BEING_WRITTEN || !facts_hold(file, facts))
		return BS_REASON_UNSIGNED;
	if (facts->role != BS_ROLE_LIBRARY &&
		!(facts->role == BS_ROLE_EXECUTABLE && is_own_code(mark, facts->digest)))
		return BS_REASON_WRONG_ROLE;
	if (!is_settled(file, mark->started_ns))
		return BS_REASON_NOT_SETTLED;
	return is_believed(entry, facts->ring, true) ? BS_REASON_OK : BS_REASON_UNKNOWN_KEY;
}

static __always_inline int protect_reason(struct vm_area_struct *area, unsigned long protection,
	struct bs_program *entry, const struct mark *mark)
{
	struct file *file = area->vm_file;

	if (!file || (protection & PROT_WRITE) || area->anon_vma ||
		(BPF_CORE_READ(file, f_path.mnt, mnt_flags) & MNT_INTERNAL))
		return entry->files.jit.value ? BS_REASON_OK : BS_REASON_JIT;
	return known_reason(file, entry, mark);
}

/* Memory that is there becomes executable. */
static __noinline int decide_protect(struct vm_area_struct *area, unsigned long protection)
{
	struct task_state *task = task_find();
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	mark_update(task); /* remembers that there was a policy without an entry, if there was */
	struct bs_program *entry = entry_inside(&task->mark);
	if (!area || !entry)
		return 0; /* nothing is checked */
	int reason = protect_reason(area, protection, entry, &task->mark);
	if (!reason)
		return 0;
	request.line =
		reason == BS_REASON_JIT ? entry->files.jit.line : entry->files.libraries.line;
	if (area->vm_file)
		request.object = BPF_CORE_READ(area, vm_file, f_path.dentry, d_name.name);
	return conclude_inside(&request, task, reason);
}

/* --- /proc/PID/mem, which writes what is not writable --------------------------------------- */

/* Is it the memory of a process, opened for writing? */
static __always_inline bool is_own_memory(const struct file *file)
{
	__u64 name = 0;

	if (!(file->f_mode & FMODE_WRITE) || peek(file)->f_inode->i_sb->s_magic != PROC_SUPER_MAGIC)
		return false;
	bpf_probe_read_kernel(&name, 4, file->f_path.dentry->d_name.name);
	return name == *(const __u32 *)"mem"; /* NUL included */
}

/*
 * Is it the memory of this process, or of another of its program that it may reach into? Any
 * other's asks lsm/ptrace_access_check.
 */
static __always_inline bool is_of_program(const struct file *file, const struct mark *mark)
{
	struct proc_inode *proc = (void *)number_of(peek(file)->f_inode) -
				  bpf_core_field_offset(struct proc_inode, vfs_inode);
	struct task_struct *task = bpf_task_from_pid(BPF_CORE_READ(proc, pid, numbers[0].nr));

	if (!task)
		return true; /* it ended: whose it was is unknown */
	struct process *process = process_of(task);
	bool same = task->tgid == bpf_get_current_task_btf()->tgid ||
		    (is_entitled(mark) && process &&
			    name_equal(process->mark.facts.name, mark->facts.name));
	bpf_task_release(task);
	return same;
}

/*
 * A verified process opens its own memory for writing: so, text that was verified could be
 * rewritten (FOLL_FORCE of fs/proc/base.c).
 */
static __noinline int decide_own_memory(struct file *file)
{
	struct task_state *task = task_find();
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	mark_update(task); /* remembers a policy without an entry, as decide_protect() */
	struct bs_program *entry = entry_inside(&task->mark);
	if (!file || !entry || entry->files.jit.value || !is_of_program(file, &task->mark))
		return 0;
	request.line = entry->files.jit.line;
	request.object = file->f_path.dentry->d_name.name;
	return conclude_inside(&request, task, BS_REASON_JIT);
}
