/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The files of a command: operands, the files below directories, and lists, in that order. A file
 * found below a directory is opened without following a symbolic link or leaving its file system;
 * with --root no path leads out of that root.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"
#include "src/command/command.h"

/* One file. */
struct target {
	char *path;           /* as it is printed; owned */
	const char *name;     /* below directory; in path */
	int directory;        /* the selection's, or AT_FDCWD */
	uint64_t resolve;     /* RESOLVE_* of openat2(2) */
	bool named;           /* an operand, not out of a directory or a list */
	bool needed;          /* by a program among the others: see needs.h */
	enum bs_role role;    /* where needed */
	int error;            /* -errno of a directory that cannot be read; else 0 */
	struct diag *refusal; /* the reason not to open it; owned, NULL: it may be opened */
};

struct globs {
	const char **items; /* the array is owned, the texts are not */
	size_t n;
};

/* The command line's part of a selection. */
struct select_options {
	bool recursive, programs;
	bool guarded; /* no file that a stranger may have led to: way_open() */
	const char *root, *list;
	struct globs include, exclude;
	uint64_t jobs;
};

void select_options_done(struct select_options *options);

/* The glob stays the caller's; -ENOMEM. */
int select_add_glob(struct globs *globs, const char *glob);

struct selection {
	const struct select_options *options; /* live as long as the selection */
	struct target *targets;
	size_t n;
	int *directories; /* open as long as the selection */
	size_t n_directories;
	int root_fd;
};

#define SELECTION_INIT(select_options)                                                             \
	{                                                                                          \
		.options = (select_options), .root_fd = -EBADF                                     \
	}
void selection_done(struct selection *selection);

/* The options that commands share; their own begin with SELECT_END. */
enum {
	SELECT_RECURSIVE,
	SELECT_FROM0,
	SELECT_ROOT,
	SELECT_INCLUDE,
	SELECT_EXCLUDE,
	SELECT_PROGRAMS,
	SELECT_JOBS,
	SELECT_END
};
#define SELECTION_OPTIONS                                                                          \
	[SELECT_RECURSIVE] = {"recursive", 'r', NULL, "also what is below directories"},           \
	[SELECT_FROM0] = {"from0", 0, "FILE",                                                      \
		"also the paths in FILE, each ended by NUL (-: standard input)"},                  \
	[SELECT_ROOT] = {"root", 0, "DIR", "all paths are below DIR and do not lead out of it"},   \
	[SELECT_INCLUDE] = {"include", 0, "GLOB", "only files like this; may be repeated"},        \
	[SELECT_EXCLUDE] = {"exclude", 0, "GLOB",                                                  \
		"no files or directories like this; may be repeated"},                             \
	[SELECT_PROGRAMS] = {"programs", 0, NULL, "only ELF files and scripts, by content"},       \
	[SELECT_JOBS] = {"jobs", 'j', "N", "files at a time (default: one for each processor)"}

/* One option below SELECT_END; -1, or EXIT_USAGE after a message. */
int select_option(struct select_options *options, const struct command *command, int option,
	const char *argument);

/* Is there an operand, or a list instead? -1, or EXIT_USAGE after a message. */
int select_operands(const struct select_options *options, const struct command *command, int argc);

/* Neither operands nor anything that selects, but --jobs? -1, or EXIT_USAGE after a message. */
int select_none(const struct select_options *options, const struct command *command, int argc);

/*
 * Fills in targets from operands (ends with NULL), directories and lists. A path that cannot be
 * examined becomes a target with an error; an error of the whole, without targets, is -errno.
 */
int select_fill(struct selection *selection, char **operands, struct diag *reterr);

/* Adds a target and takes its path; -ENOMEM leaves it with the caller. */
int selection_add(struct selection *selection, const struct target *target);

/* One more target, needed by a program; takes path. */
int selection_add_needed(struct selection *selection, char *path, enum bs_role role);

/* Do --include and --exclude let a file of this path through? Only the latter is for directories.
 */
bool selection_wants(const struct selection *selection, const char *path);
bool selection_excludes(const struct selection *selection, const char *path);

/*
 * Opens a target, a regular file, for reading. 1: --programs is given and it is none. -errno with
 * the message otherwise.
 */
int selection_open(const struct selection *selection, const struct target *target, int *ret_fd,
	struct diag *reterr);
