/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which files a command is about: operands, what is below directories, and lists, in that order.
 * What is found below a directory is opened without following a symbolic link or leaving its file
 * system, and with
 * --root no path leads out of that.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/command/command.h"
#include "src/base/diag.h"

/* One file. */
struct target {
	char *path;           /* as it is printed; owned */
	const char *name;     /* below directory; in path */
	int directory;        /* the selection's, or AT_FDCWD */
	uint64_t resolve;     /* RESOLVE_* of openat2(2) */
	bool named;           /* an operand, not found below one or in a list */
	bool needed;          /* by a program among the others: see needs.h */
	enum bs_role role;    /* where needed */
	int error;            /* it could not be looked at: -errno of the directory that it is */
	struct diag *refusal; /* why it is not to be opened; owned, NULL: it is */
};

struct words {
	const char **items;
	size_t n;
};

int words_add(struct words *words, const char *word); /* the word stays the caller's; -ENOMEM */

struct selection {
	bool recursive, programs;
	const char *root, *list;
	struct words include, exclude;
	uint64_t jobs;
	struct target *targets;
	size_t n;
	int *directories; /* open as long as the selection */
	size_t n_directories;
	int root_fd;
};

#define SELECTION_INIT                                                                             \
	{                                                                                          \
		.root_fd = -EBADF                                                                  \
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
int selection_option(struct selection *selection, const struct command *command, int option,
	const char *argument);

/* Do operands, or what stands for them, suffice? -1, or EXIT_USAGE after a message. */
int selection_operands(const struct selection *selection, const struct command *command, int argc);

/* Neither operands nor anything that selects, but --jobs? -1, or EXIT_USAGE after a message. */
int selection_none(const struct selection *selection, const struct command *command, int argc);

/*
 * Fills in targets from operands (ends with NULL), directories and lists. What of them cannot be
 * looked at is a target with an error; an error of the whole, without targets, is -errno.
 */
int selection_fill(struct selection *selection, char **operands, struct diag *reterr);

/* One more target, needed by a program; takes path. */
int selection_add_needed(struct selection *selection, char *path, enum bs_role role);

/*
 * Opens a target, a regular file, for reading. 1: --programs is given and it is none. -errno with
 * the message otherwise.
 */
int target_open(const struct selection *selection, const struct target *target, int *ret_fd,
	struct diag *reterr);
