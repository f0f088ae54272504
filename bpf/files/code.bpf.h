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

/*
 * May the bytes of this file be executed? The kernel reads the header of the ELF interpreter, and
 * the interpreter those of the libraries, long before they are mapped: the file must have been
 * settled when the program started.
 */
static __always_inline int library_reason(
	struct file *file, struct bs_program *entry, __u64 started_ns, struct verification *scratch)
{
	int reason =
		file_reason(file, entry, ROLE(LIBRARY) | ROLE(EXECUTABLE), started_ns, scratch);

	if (reason && is_trusted_path(file, entry, scratch))
		return BS_REASON_OK;
	return reason;
}

static __always_inline int code_reason(struct file *file, unsigned long protection,
	struct bs_program *entry, __u64 started_ns, struct verification *scratch)
{
	bool memory = is_memory(file);

	if ((memory || (protection & PROT_WRITE)) && !entry->files.jit.value)
		return BS_REASON_JIT;
	if (memory || !file)
		return BS_REASON_OK;
	return library_reason(file, entry, started_ns, scratch);
}

/*
 * Does the program lose its rights instead of the mapping? If its entry says so; and PID 1 always,
 * since the kernel panics when it ends. Only while no other task has a mark for the same memory: no
 * other thread, and not the parent of a child that shares it.
 */
static __always_inline bool gives_up(const struct mark *mark, const struct bs_program *entry)
{
	if (is_control(mark) || (mark->flags & MARK_PROTECTED) ||
		(entry->files.libraries.value != BS_LIBRARIES_REVOKE && !is_init()))
		return false;
	return BPF_CORE_READ(bpf_get_current_task_btf(), signal, nr_threads) == 1;
}

/* A verified task maps something that it may execute; file may be NULL. */
static __noinline int decide_code(
	struct task_state *task, struct file *file, unsigned long protection)
{
	task_update(task);

	struct bs_program *entry = entry_inside(&task->mark);
	struct verification *scratch = verification_make();
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!entry)
		return 0; /* nothing is checked */
	if (!scratch)
		return conclude_inside(&request, task, BS_REASON_NO_MEMORY);
	int reason = code_reason(file, protection, entry, task->exec.started_ns, scratch);
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
	return 0; /* into a program that is entitled to nothing any more */
}

/* --- a second look where the kernel has one ------------------------------------------------- */

/*
 * An overlay maps the file below, and the kernel gives us its digest: is it the one that was read
 * before? A file without a digest was not granted for one. Without this hook (v6.18) there is only
 * the first look.
 */
static __noinline int decide_below(struct task_state *task, struct file *below, struct file *file)
{
	struct verification *scratch =
		bpf_task_storage_get(&verifications, bpf_get_current_task_btf(), NULL, 0);
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!below || !file || !entry_inside(&task->mark) || !is_overlay(file))
		return 0; /* nothing is checked */
	if (scratch && !measure(file, &scratch->measured))
		return 0;
	if (scratch && measure(below, &scratch->below) &&
		data_inode(file) == (__u64)below->f_inode &&
		digest_equal(scratch->below.digest, scratch->measured.digest))
		return 0;
	request.object = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	return conclude_inside(&request, task, BS_REASON_CROSS_CHECK);
}

/* --- mprotect(2), where nothing can be verified anew ---------------------------------------- */

/* The verdict of the time when this file was opened or mapped. */
static __always_inline int known_reason(
	struct file *file, struct bs_program *entry, __u64 started_ns)
{
	struct facts *facts = bpf_inode_storage_get(&claims, file->f_inode, NULL, 0);

	if (!facts || facts->verified_ns <= FACTS_BEING_WRITTEN || !facts_hold(file, facts))
		return BS_REASON_UNSIGNED;
	if (!((ROLE(LIBRARY) | ROLE(EXECUTABLE)) & (1U << (facts->role & 31))))
		return BS_REASON_WRONG_ROLE;
	if (!is_settled(file, started_ns))
		return BS_REASON_NOT_SETTLED;
	return is_believed(entry, facts->ring, true) ? BS_REASON_OK : BS_REASON_UNKNOWN_KEY;
}

static __always_inline int protect_reason(struct vm_area_struct *area, unsigned long protection,
	struct bs_program *entry, __u64 started_ns)
{
	struct file *file = area->vm_file;

	if (!file || (protection & PROT_WRITE) || area->anon_vma ||
		(BPF_CORE_READ(file, f_path.mnt, mnt_flags) & MNT_INTERNAL))
		return entry->files.jit.value ? BS_REASON_OK : BS_REASON_JIT;
	return known_reason(file, entry, started_ns);
}

/* Memory that is there becomes executable. */
static __noinline int decide_protect(
	struct task_state *task, struct vm_area_struct *area, unsigned long protection)
{
	struct bs_program *entry = entry_inside(&task->mark);
	struct request request = {.op = BS_OP_CODE, .flags = BS_RECORD_FILE};

	if (!area || !entry)
		return 0; /* nothing is checked */
	int reason = protect_reason(area, protection, entry, task->exec.started_ns);
	if (!reason)
		return 0;
	request.line =
		reason == BS_REASON_JIT ? entry->files.jit.line : entry->files.libraries.line;
	if (area->vm_file)
		request.object = BPF_CORE_READ(area, vm_file, f_path.dentry, d_name.name);
	return conclude_inside(&request, task, reason);
}
