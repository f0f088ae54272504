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

/* --- the environment of a script ------------------------------------------------------------ */

static const struct {
	char bytes[16];
	__u8 size;
} variables[] = {
#define VARIABLE(begins, whose) {begins, sizeof(begins) - 1},
#include "bpf/task/environment.def"
#undef VARIABLE
};

struct environment {
	struct verification *scratch;
	__u64 at;      /* user address of the next string, or of its rest */
	__u32 strings; /* left, the arguments included */
	__u32 names;   /* variables, which are the last of those */
	__u32 inside;  /* 1: `at` is in the middle of a string */
	__u32 reason;
};

/* Does scratch->variable begin like one of environment.def? Global: see emit(). */
__noinline int is_code(struct verification *scratch)
{
	__u64 found = 0;

	if (!scratch)
		return 1;
	const char *text = scratch->variable;
	for (unsigned i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		__u64 difference = 0;
		for (unsigned j = 0; j < 15; j++)
			difference |= j < variables[i].size ? variables[i].bytes[j] ^ text[j] : 0;
		found |= rules_is_zero(difference);
	}
	return found != 0;
}

/* The next string, or the next piece of one that is longer than the scratch. 1 ends the loop. */
static int judge_string(__u32 unused_index, struct environment *environment)
{
	char *text = environment->scratch->variable;
	const __u32 size = sizeof(environment->scratch->variable);

	if (!environment->strings)
		return 1;
	__builtin_memset(text, 0, 16);
	int n = bpf_copy_from_user_str(text, size, (void *)environment->at, 0);
	if (n <= 0) {
		environment->reason = BS_REASON_ENVIRONMENT;
		return 1;
	}
	if (!environment->inside && environment->strings <= environment->names &&
		is_code(environment->scratch)) {
		environment->reason = BS_REASON_ENVIRONMENT;
		return 1;
	}
	environment->inside = n == size; /* cut: the NUL behind it is the kernel's */
	environment->at += n - environment->inside;
	environment->strings -= !environment->inside;
	return 0;
}

/*
 * OK, or BS_REASON_ENVIRONMENT with the variable in ret; one too large to be searched is refused.
 */
static __noinline int environment_reason(struct linux_binprm *bprm, struct mark *mark)
{
	struct environment environment = {.scratch = verification_make()};

	if (!bprm || !mark || !environment.scratch)
		return BS_REASON_NO_MEMORY;
	environment.at = bprm->p;
	environment.names = bprm->envc;
	environment.strings = bprm->argc + bprm->envc;
	bpf_loop(1 << 17, judge_string, &environment, 0);
	if (environment.reason)
		bpf_probe_read_kernel_str(
			mark->variable, sizeof(mark->variable), environment.scratch->variable);
	return environment.strings ? BS_REASON_ENVIRONMENT : BS_REASON_OK;
}

/* --- the files of the chain ----------------------------------------------------------------- */

struct last_search {
	const char *path;
	__u32 start; /* behind the last '/' */
};

static int look_at_letter(__u32 i, struct last_search *search)
{
	char letter = search->path[i & (BS_PATH_SIZE - 1)];

	if (letter == '/')
		search->start = i + 1;
	return !letter;
}

/*
 * The part of scratch->asked, or of scratch->opened, behind its last '/', into scratch->last.
 * Global, for the verifier's sake.
 */
__noinline int fill_last(struct verification *scratch, bool asked)
{
	struct last_search search = {};

	if (!scratch)
		return 0;
	search.path = asked ? scratch->asked : scratch->opened;
	bpf_loop(BS_PATH_SIZE, look_at_letter, &search, 0);
	__builtin_memset(scratch->last, 0, sizeof(scratch->last));
	bpf_probe_read_kernel_str(scratch->last, sizeof(scratch->last),
		search.path + (search.start & (BS_PATH_SIZE - 1)));
	return 0;
}

/* A name of the kernel's into scratch->asked, and its last part. */
static __always_inline void fill_name(struct verification *scratch, const char *name)
{
	__builtin_memset(scratch->asked, 0, sizeof(scratch->asked));
	bpf_probe_read_kernel_str(scratch->asked, sizeof(scratch->asked), name);
	fill_last(scratch, /* asked= */ true);
}

/* The name given to execve, as the interpreter of a script will ask for it. */
static __always_inline void exec_asked(struct exec *exec, struct linux_binprm *bprm)
{
	struct verification *scratch = verification_make();

	if (!scratch)
		return; /* no verification will succeed either */
	fill_name(scratch, bprm->filename);
	name_copy(exec->asked, scratch->last);
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
	__builtin_memset(exec, 0, sizeof(*exec));
	exec->reason = sealed ? BS_REASON_UNSIGNED : unmeasured_reason(file);
	exec->started_ns = bpf_ktime_get_boot_ns();
	if (!sealed)
		return;
	exec->file = (__u64)file;
	exec->inode = (__u64)file->f_inode;
	exec->conditions = (struct conditions){BS_REASON_IMA, BS_REASON_BUILTIN};
	measure(file, &exec->measured);
	exec_asked(exec, bprm);
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

/* Does a name begin with that part? Both BS_NAME_SIZE bytes, NUL padded. */
static __always_inline bool begins_with(const char *name, const char *part)
{
	__u64 difference = 0;

	for (int i = 0; i < BS_NAME_SIZE; i++)
		difference |= (part[i] ^ name[i]) * (1 - rules_is_zero(part[i]));
	return !difference;
}

/*
 * Is this signed file the one that the script means, python3.11 for #!/usr/bin/python3? Root could
 * mount another program of the same signer at that path.
 */
static __always_inline bool is_interpreter(struct verification *scratch, struct linux_binprm *bprm)
{
	fill_name(scratch, bprm->interp);
	return begins_with(scratch->facts.name, scratch->last);
}

/*
 * The interpreter of a script, or of a binary that binfmt_misc knows. The kernel has read its
 * header before this hook; a file that was replaced since is tainted.
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
	if (wanted.entry && measure(file, &exec->measured) &&
		!identify(file, &exec->measured, exec->started_ns, &wanted, &scratch->facts) &&
		is_interpreter(scratch, bprm))
		exec->reason = BS_REASON_OK;
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

/* The reason why a task that executed a verified file earns no mark, or OK. */
static __always_inline int task_reason(struct linux_binprm *bprm)
{
	if (bprm->unsafe & LSM_UNSAFE_PTRACE)
		return BS_REASON_TRACED;
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

/* A verified exec's name into a mark that is all zero. */
static __always_inline int mark_fill(
	struct mark *mark, struct exec *exec, struct linux_binprm *bprm)
{
	mark->flags = MARK_VERIFIED;
	mark->facts = exec->facts;
	mark->conditions = exec->conditions;
	mark->measured = exec->hash;
	/* bprm->cred is committed and gone */
	if (bpf_get_current_task_btf()->cred->user_ns->level)
		mark->flags |= MARK_NAMESPACE;
	bpf_probe_read_kernel_str(mark->path, sizeof(mark->path), exec->path);
	if (exec->rounds < 2)
		return BS_REASON_OK;
	mark->flags |= MARK_SCRIPT;
	return environment_reason(bprm, mark);
}

/* Ends an exec: the old mark is gone, the new one is made and judged. */
static __always_inline void exec_commit(struct task_state *task, struct linux_binprm *bprm)
{
	struct mark *mark = &task->mark;

	__builtin_memset(mark, 0, sizeof(*mark));
	int reason = exec_reason(&task->exec, bprm) ?: mark_fill(mark, &task->exec, bprm);
	if (reason)
		mark_refuse(mark, reason);
	task->exec.file = 0;
	judge(mark);
	if (seccomp_forbids(mark)) {
		mark_refuse(mark, BS_REASON_SECCOMP);
		judge(mark);
	}
}

/* The exec's line, for a task that is entitled; with --exec all, for every task. */
static __always_inline void exec_report(struct mark *mark)
{
	if (is_active() && (report_every_exec || (mark->flags & MARK_ENTITLED)))
		report_exec(mark);
}
