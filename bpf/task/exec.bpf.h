/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From an execve to a mark. The first file of the chain gives the task its identity: an executable,
 * or a script. The interpreter of a script follows, which the script's signer must have signed too.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/initrd.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/trust/integrity.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/task/script.bpf.h"

/* --- the files of the chain ----------------------------------------------------------------- */

/*
 * The name given to execve, which the interpreter of a script receives. Only a path cannot be taken
 * for an option, and is looked for nowhere else. /dev/fd/N is a descriptor to perl, which opens
 * nothing then.
 */
static __always_inline void exec_asked(struct exec *exec, struct linux_binprm *bprm)
{
	struct verification *scratch = verification_make();

	if (!scratch)
		return; /* no verification will succeed either */
	const char *name = scratch->variable;
	__builtin_memset(scratch->variable, 0, 8);
	int n = bpf_probe_read_kernel_str(
		scratch->variable, sizeof(scratch->variable), bprm->filename);
	fill_long_last(scratch);
	name_copy(exec->asked, scratch->last);
	exec->is_path =
		n < (int)sizeof(scratch->variable) &&
		((name[0] == '/' && !BEGINS(name, "/dev/")) || (name[0] == '.' && name[1] == '/') ||
			(name[0] == '.' && name[1] == '.' && name[2] == '/'));
}

/*
 * A thread executes that is not the leader. It becomes the leader before its old memory is gone
 * (de_thread() and exec_mmap() of fs/exec.c), and is guarded by the old mark until then. 0, or
 * -ENOMEM.
 */
static __always_inline int mark_carry(void)
{
	struct task_struct *thread = bpf_get_current_task_btf();

	if (number_of(peek(thread)->group_leader) == number_of(thread))
		return 0;
	struct process *process = process_find();
	if (!process)
		return 0;
	struct task_state *task = task_make();
	struct process *own = task_storage_make(&processes, thread);
	if (!task || !own)
		return -ENOMEM;
	bpf_spin_lock(&own->lock);
	own->mark = task->mark;
	own->version = task->seen;
	bpf_spin_unlock(&own->lock);
	return 0;
}

/* Begins an exec: measures the file before the kernel has read its header. */
static __always_inline void exec_begin(struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	const bool sealed = has_verity(file);
	struct task_state *task = sealed ? task_make() : task_find();

	if (!task)
		return; /* nothing to forget; without memory for a state there is no mark */
	struct exec *exec = &task->exec;
	__builtin_memset(exec, 0, __builtin_offsetof(struct exec, head));
	exec->reason = sealed ? BS_REASON_UNSIGNED : unmeasured_reason(file);
	exec->started_ns = bpf_ktime_get_boot_ns();
	if (!sealed)
		return;
	exec->file = (__u64)file;
	exec->inode = (__u64)peek(file)->f_inode;
	exec->arguments = bprm->argc;
	exec->conditions = (struct conditions){BS_REASON_IMA, BS_REASON_BUILTIN};
	measure(file, &exec->measured);
	exec_asked(exec, bprm);
	bpf_probe_read_kernel_str(
		exec->own, sizeof(exec->own), BPF_CORE_READ(file, f_path.dentry, d_name.name));
}

/*
 * The facts that the entry of a verified file requires in addition to the claim. IMA has not
 * appraised it yet: exec_conditions().
 */
static __always_inline void exec_integrity(struct exec *exec, struct file *file)
{
	__u32 policy = 0;
	struct bs_program *entry = policy_entry(exec->facts.name, &policy);

	exec->conditions.builtin = built_in_reason(file, exec->measured.digest);
	if (entry && (entry->flags & BS_PROGRAM_MEASURE))
		measure_by_ima(file, exec->measured.digest, &exec->hash);
}

/* The file that was passed to execve: it gives the task its identity. */
static __always_inline void exec_program(struct exec *exec, struct file *file)
{
	struct wanted wanted = {.roles = ROLE(EXECUTABLE)};

	/* of a script the first line was read by now, and it is closed at the end */
	if (is_below(file))
		exec->reason =
			identify(file, &exec->measured, exec->started_ns, &wanted, &exec->facts);
	else
		exec->reason = BS_REASON_COPIED_UP;
	if (!exec->reason)
		exec_integrity(exec, file);
	if (!exec->reason && bpf_path_d_path(&file->f_path, exec->path, sizeof(exec->path)) <= 0)
		exec->path[0] = 0; /* too long: matches no `exec:` */
}

/*
 * The interpreter that the file before names. The kernel has read its header before this hook; a
 * file that was replaced since is tainted.
 */
static __always_inline void exec_interpreter(struct exec *exec, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	struct verification *scratch = verification_make();
	struct wanted wanted = {.roles = ROLE(EXECUTABLE)};
	__u32 policy = 0;

	if (exec->reason || !scratch)
		return;
	wanted.entry = policy_entry(exec->facts.name, &policy);
	exec->file = (__u64)file;
	exec->reason = BS_REASON_INTERPRETED;
	if (!wanted.entry || !measure(file, &exec->measured) ||
		identify(file, &exec->measured, exec->started_ns, &wanted, &scratch->facts) ||
		!is_interpreter(exec, scratch, bprm))
		return;
	exec->reason = exec->is_path ? BS_REASON_OK : BS_REASON_OPTIONS;
	fill_name(scratch, bprm->filename);
	exec->given = name_number(scratch);
	if (!is_known(scratch, INTERPRETER_STOPS))
		exec->flags |= MARK_OPTIONS;
	if (!is_known(scratch, INTERPRETER_OPENS) && !name_equal(exec->own, exec->asked))
		exec->reason = BS_REASON_OPTIONS;
}

/* Verifies the file of this round of the exec. */
static __always_inline void exec_verify(struct exec *exec, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;

	if (exec->rounds++) {
		exec_interpreter(exec, bprm);
	} else if (exec->file != (__u64)file) {
		exec->file = 0; /* the first had no fs-verity: an unsigned script */
		exec->reason = BS_REASON_INTERPRETED;
	} else if (exec->measured.size) {
		exec_program(exec, file);
	}
	bpf_probe_read_kernel(exec->head, sizeof(exec->head), bprm->buf); /* of this file */
}

/* A file of the chain was opened. Once the claim is verified, no LD_PRELOAD: AT_SECURE. */
static __always_inline void exec_check(struct linux_binprm *bprm)
{
	const bool sealed = has_verity(bprm->file);
	struct task_state *task = sealed ? task_make() : task_find();

	if (!task)
		return;
	struct exec *exec = &task->exec;
	if (exec->file || sealed)
		exec_verify(exec, bprm);
	if (exec->file && !exec->reason && mode() != BS_MODE_OFF)
		bpf_bprm_opts_set(bprm, BPF_F_BPRM_SECUREEXEC);
}

/* IMA has appraised all files of the chain: its verdict on the first. */
static __always_inline void exec_conditions(struct exec *exec)
{
	if (exec->file && !exec->reason)
		exec->conditions.ima = ima_reason(exec->inode, exec->facts.digest);
}

/* --- the end of it -------------------------------------------------------------------------- */

/*
 * Would the task take up a call that was interrupted before the exec? It is poll(2), a sleep or a
 * futex that a stop interrupted, and writes to where its result was to go, now in other memory. It
 * is taken up when a call ends with ERESTART_RESTARTBLOCK, as drivers can have one end (FUSE).
 */
static __always_inline bool has_interrupted_call(void)
{
	return (__u64)BPF_CORE_READ(bpf_get_current_task_btf(), restart_block.fn) !=
	       address.do_no_restart_syscall;
}

/* The reason why a task that executed a verified file earns no mark, or OK. */
static __always_inline int task_reason(struct linux_binprm *bprm)
{
	if (bprm->unsafe & LSM_UNSAFE_PTRACE)
		return BS_REASON_TRACED;
	if (has_interrupted_call())
		return BS_REASON_INTERRUPTED;
	/*
	 * PID 1 shares its root and directory with the kernel's own threads (rest_init() of
	 * init/main.c), and with tasks that it made itself.
	 */
	if (bprm->unsafe & LSM_UNSAFE_SHARE && !is_init())
		return BS_REASON_SHARED_FS;
	return BS_REASON_OK;
}

/* The verdict on the exec's file and task, when neither can change any more. */
static __always_inline int exec_reason(struct exec *exec, struct linux_binprm *bprm)
{
	if (exec->reason)
		return exec->reason;
	if (!exec->file)
		return BS_REASON_UNSIGNED; /* no file of this exec has fs-verity */
	if (exec->file != (__u64)bprm->file)
		return BS_REASON_INTERPRETED;
	if (!measure(bprm->file, &exec->again) ||
		!digest_equal(exec->again.digest, exec->measured.digest))
		return BS_REASON_CHANGED;
	if (!is_below(bprm->file))
		return BS_REASON_COPIED_UP;
	return task_reason(bprm);
}

/* The signer of a verified exec, by the entry that it was verified for. */
static __always_inline int mark_sign(struct mark *mark)
{
	__u32 policy = 0;
	struct bs_program *entry = policy_entry(mark->facts.name, &policy);

	if (!entry || entry->ring != mark->facts.ring)
		return BS_REASON_NOT_IN_POLICY; /* which came in the middle of the exec */
	name_copy(mark->signer, entry->signer);
	return BS_REASON_OK;
}

/* What a verified exec has found out, into a mark that is all zero. */
static __always_inline int mark_fill(
	struct mark *mark, struct exec *exec, struct linux_binprm *bprm)
{
	struct verdict *verdict = &mark->verdict;

	verdict->flags = MARK_VERIFIED;
	verdict->trust = exec->facts.trust;
	verdict->ring = exec->facts.ring;
	verdict->filter = newest_filter();
	mark->started_ns = exec->started_ns;
	mark->facts = exec->facts;
	mark->conditions = exec->conditions;
	mark->measured = exec->hash;
	name_copy(mark->asked, exec->asked);
	mark->given = exec->given;
	__builtin_memcpy(mark->code, exec->again.digest, sizeof(mark->code));
	/* bprm->cred is committed and gone */
	if (bpf_get_current_task_btf()->cred->user_ns->level)
		verdict->flags |= MARK_NAMESPACE;
	if (mode() == BS_MODE_STARTING)
		verdict->flags |= MARK_EARLY;
	bpf_probe_read_kernel_str(mark->path, sizeof(mark->path), exec->path);
	int reason = mark_sign(mark);
	if (reason || exec->rounds < 2)
		return reason;
	verdict->flags |= MARK_SCRIPT;
	return strings_reason(bprm, mark, exec);
}

/* The process is what its exec has found out, and nothing of what it was. */
static __always_inline void mark_begin(struct task_state *task)
{
	struct process *process = task_storage_make(&processes, bpf_get_current_task_btf());

	if (!process) {
		mark_refuse(&task->mark, BS_REASON_NO_MEMORY);
		judge(&task->mark);
		return;
	}
	process->reader = 0;
	bpf_spin_lock(&process->lock);
	process->mark = task->mark;
	task->seen = ++process->version;
	bpf_spin_unlock(&process->lock);
}

/* An exec ends for which there is no state: what the process was before, it is no more. */
static __always_inline void mark_forget(void)
{
	struct process *process = process_find();

	if (!process)
		return;
	process->reader = 0;
	bpf_spin_lock(&process->lock);
	process->mark.verdict.flags = 0;
	process->mark.verdict.policy = 0;
	process->mark.verdict.reason = BS_REASON_NO_MEMORY;
	process->version++;
	bpf_spin_unlock(&process->lock);
}

/*
 * Ends an exec, when the process has one thread, its leader: the old mark is gone, the new one is
 * made and judged. Nobody reaches into the process before its exec is over (exec_update_lock).
 */
static __always_inline void exec_commit(struct task_state *task, struct linux_binprm *bprm)
{
	struct mark *mark = &task->mark;

	__builtin_memset(mark, 0, sizeof(*mark));
	task->order = 0;
	int reason = exec_reason(&task->exec, bprm) ?: mark_fill(mark, &task->exec, bprm);
	if (reason)
		mark_refuse(mark, reason);
	task->exec.file = 0;
	judge(mark);
	if ((mark->verdict.flags & MARK_VERIFIED) && filters_reason(is_control(mark))) {
		mark_refuse(mark, BS_REASON_SECCOMP);
		judge(mark);
	}
	mark_begin(task);
}

/* The exec's line, for a task that is entitled; with --exec all, for every task. */
static __always_inline void exec_report(struct task_state *task)
{
	if (is_active() && (report_every_exec || is_entitled(&task->mark)))
		report_exec(task);
}
