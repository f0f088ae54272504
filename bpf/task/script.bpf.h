/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Scripts: the interpreter that a first line names, and what the kernel hands to it: the script's
 * name, arguments and environment. Each could make it run other code than the script's.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"

/* --- names ---------------------------------------------------------------------------------- */

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

static int look_at_long(__u32 i, struct last_search *search)
{
	char letter = search->path[i & (BS_STRING_SIZE - 1)];

	if (letter == '/')
		search->start = i + 1;
	return !letter;
}

/* The part of scratch->variable behind its last '/', into scratch->last. Global, as above. */
__noinline int fill_long_last(struct verification *scratch)
{
	struct last_search search = {};

	if (!scratch)
		return 0;
	search.path = scratch->variable;
	bpf_loop(BS_STRING_SIZE, look_at_long, &search, 0);
	__builtin_memset(scratch->last, 0, sizeof(scratch->last));
	bpf_probe_read_kernel_str(scratch->last, sizeof(scratch->last),
		search.path + (search.start & (BS_STRING_SIZE - 1)));
	return 0;
}

/* A name of the kernel's into scratch->asked, and its last part. */
static __always_inline void fill_name(struct verification *scratch, const char *name)
{
	__builtin_memset(scratch->asked, 0, sizeof(scratch->asked));
	bpf_probe_read_kernel_str(scratch->asked, sizeof(scratch->asked), name);
	fill_last(scratch, /* asked= */ true);
}

struct number_search {
	const char *path;
	__u64 number;
	__u32 before; /* the letter before */
	__u32 winds;  /* 1: a component is empty or begins with '.' */
};

static int number_letter(__u32 i, struct number_search *search)
{
	const __u8 letter = search->path[i & (BS_PATH_SIZE - 1)];

	if (!letter)
		return 1;
	search->winds |= search->before == '/' && (letter == '/' || letter == '.');
	search->number = (search->number ^ letter) * 0x100000001b3; /* FNV-1a */
	search->before = letter;
	return 0;
}

/*
 * A number for the name in scratch->asked, the same for the same name; 0: it is not absolute, too
 * long, or could be written otherwise. Global: see emit().
 */
__noinline __u64 name_number(struct verification *scratch)
{
	struct number_search search = {.number = 0xcbf29ce484222325};

	if (!scratch || scratch->asked[0] != '/' || scratch->asked[BS_PATH_SIZE - 2])
		return 0;
	search.path = scratch->asked;
	bpf_loop(BS_PATH_SIZE, number_letter, &search, 0);
	return search.winds ? 0 : search.number;
}

/* --- the interpreter ------------------------------------------------------------------------ */

/* What is known of an interpreter. */
enum {
	INTERPRETER_STOPS = 1 << 0, /* takes no option behind the name of its script */
	INTERPRETER_OPENS = 1 << 1, /* opens its script by the name that it was given */
};

static const struct {
	char name[BS_NAME_SIZE]; /* of its claim, without a version; NUL padded */
	__u32 known;
} interpreters[] = {
#define INTERPRETER(name, known, why) {name, known},
#include "bpf/task/interpreters.def"
#undef INTERPRETER
};

struct version_search {
	const char *name; /* BS_NAME_SIZE bytes, NUL padded */
	const char *part; /* the same */
	__u32 behind;     /* 1: the part has ended */
	__u32 equal;
};

static int look_at_version(__u32 i, struct version_search *search)
{
	char letter = search->name[i & (BS_NAME_SIZE - 1)];
	char wanted = search->part[i & (BS_NAME_SIZE - 1)];

	search->behind |= !wanted;
	search->equal = search->behind
				? !letter || letter == '.' || (letter >= '0' && letter <= '9')
				: letter == wanted;
	return !search->equal || !letter;
}

/* Is it that name, or that name and a version: python3.11 for python3? */
static __always_inline bool is_version_of(const char *name, const char *part)
{
	struct version_search search = {.name = name, .part = part};

	bpf_loop(BS_NAME_SIZE, look_at_version, &search, 0);
	return search.equal;
}

struct line_search {
	const char *head; /* EXEC_HEAD bytes, the first of a script */
	const char *name; /* BS_PATH_SIZE bytes */
	__u32 start;      /* of the name in the line; 0: not found yet */
	__u32 at;         /* letters of the name that were equal */
	__u32 equal;
	__u32 option; /* 1: something follows the name */
};

/* As load_script() of fs/binfmt_script.c reads the line: "#!", blanks, the interpreter's name. */
static int look_at_line(__u32 i, struct line_search *search)
{
	char letter = search->head[(i + 2) & (EXEC_HEAD - 1)];

	if (search->equal) {
		search->option = letter && letter != ' ' && letter != '\t' && letter != '\n';
		return !letter || letter == '\n' || search->option;
	}
	if (!search->start && (letter == ' ' || letter == '\t'))
		return 0;
	search->start = i + 2;
	char wanted = search->name[search->at++ & (BS_PATH_SIZE - 1)];
	if (wanted)
		return letter != wanted;
	search->equal = !letter || letter == ' ' || letter == '\t' || letter == '\n';
	return !search->equal || !letter || letter == '\n';
}

/*
 * Does the first line of the verified script name the interpreter that runs? Counts the arguments
 * that it adds. Global: see emit().
 */
__noinline int is_named(struct exec *exec, struct verification *scratch)
{
	struct line_search search = {};

	if (!exec || !scratch || exec->head[0] != '#' || exec->head[1] != '!')
		return 0;
	search.head = exec->head;
	search.name = scratch->asked;
	bpf_loop(EXEC_HEAD - 2, look_at_line, &search, 0);
	exec->added += 1 + search.option;
	return search.equal;
}

/*
 * Is this signed file the one that the script means, python3.11 for #!/usr/bin/python3? Root could
 * have another program of the same signer there: by a mount, or by binfmt_misc, which takes files
 * of any kind to any interpreter, and gives it other arguments.
 */
static __always_inline bool is_interpreter(
	struct exec *exec, struct verification *scratch, struct linux_binprm *bprm)
{
	fill_name(scratch, bprm->interp);
	return !(bprm->interp_flags & BINPRM_FLAGS_PRESERVE_ARGV0) && is_named(exec, scratch) &&
	       is_version_of(scratch->facts.name, scratch->last);
}

struct interpreter_search {
	struct verification *scratch;
	__u32 known;
};

static int look_at_interpreter(__u32 i, struct interpreter_search *search)
{
	if (i >= sizeof(interpreters) / sizeof(interpreters[0]))
		return 1;
	if (!is_version_of(search->scratch->facts.name, interpreters[i].name))
		return 0;
	search->known = interpreters[i].known;
	return 1;
}

/* Is that known of the interpreter whose claim is in scratch? Global: see emit(). */
__noinline int is_known(struct verification *scratch, __u32 what)
{
	struct interpreter_search search = {.scratch = scratch};

	if (!scratch)
		return 0;
	bpf_loop(sizeof(interpreters) / sizeof(interpreters[0]), look_at_interpreter, &search, 0);
	return (search.known & what) != 0;
}

/* --- what it is given ------------------------------------------------------------------------ */

static const struct {
	char bytes[16];
	__u8 size;
} variables[] = {
#define VARIABLE(begins, whose) {begins, sizeof(begins) - 1},
#include "bpf/task/environment.def"
#undef VARIABLE
};

/* The strings that execve was given, of which the kernel's copy is on the stack. */
struct strings {
	struct verification *scratch;
	__u64 at;        /* user address of the next string, or of its rest */
	__u32 left;      /* strings, the arguments included */
	__u32 variables; /* of the environment, which are the last of those */
	__u32 arguments; /* behind the script's name, which are the last before those */
	__u32 inside;    /* 1: `at` is in the middle of a string */
	__u32 options;   /* of these arguments one begins with '-' */
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
static int judge_string(__u32 unused_index, struct strings *strings)
{
	char *text = strings->scratch->variable;
	const __u32 size = sizeof(strings->scratch->variable);

	if (!strings->left)
		return 1;
	__builtin_memset(text, 0, 16);
	int n = bpf_copy_from_user_str(text, size, (void *)strings->at, 0);
	if (n <= 0) {
		strings->reason = BS_REASON_ENVIRONMENT;
		return 1;
	}
	if (!strings->inside && strings->left <= strings->variables && is_code(strings->scratch)) {
		strings->reason = BS_REASON_ENVIRONMENT;
		return 1;
	}
	if (!strings->inside && strings->left > strings->variables &&
		strings->left <= strings->variables + strings->arguments && text[0] == '-')
		strings->options = 1;
	strings->inside = n == size; /* cut: the NUL behind it is the kernel's */
	strings->at += n - strings->inside;
	strings->left -= !strings->inside;
	return 0;
}

/*
 * OK, or BS_REASON_ENVIRONMENT with the variable in mark->variable; strings that are too many to be
 * searched are refused. Arguments that the interpreter may take for options are a fact of the mark.
 */
static __noinline int strings_reason(
	struct linux_binprm *bprm, struct mark *mark, const struct exec *exec)
{
	struct strings strings = {.scratch = verification_make()};

	if (!bprm || !mark || !exec || !strings.scratch)
		return BS_REASON_NO_MEMORY;
	strings.at = bprm->p;
	strings.variables = bprm->envc;
	strings.left = bprm->argc + bprm->envc;
	/* without its first, which the script's name has replaced */
	strings.arguments = exec->arguments ? exec->arguments - 1 : 0;
	/* a rule of binfmt_misc passes over a first line's option: a name would be taken for it */
	if ((__u32)bprm->argc != exec->arguments + exec->added)
		return BS_REASON_INTERPRETED;
	bpf_loop(1 << 17, judge_string, &strings, 0);
	if (strings.reason)
		bpf_probe_read_kernel_str(
			mark->variable, sizeof(mark->variable), strings.scratch->variable);
	if (strings.options)
		mark->verdict.flags |= exec->flags & MARK_OPTIONS;
	return strings.left ? BS_REASON_ENVIRONMENT : BS_REASON_OK;
}
