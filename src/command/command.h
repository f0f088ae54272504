/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A command of a program: one line in its table and one cmd_X.c. Help, completion and the check of
 * the man pages read the table.
 */

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit statuses of both programs. */
enum exit_status {
	EXIT_YES = 0,     /* yes, or done */
	EXIT_NO = 1,      /* the answer is no: unsigned, would be denied */
	EXIT_USAGE = 2,   /* the command line is wrong */
	EXIT_UNKNOWN = 3, /* could not find out or could not do it */
	EXIT_BUSY = 4,    /* another process does it already */
};

/* One option: its name, the word for its argument (NULL: none), its effect. */
struct option_spec {
	const char *name;     /* long name, without the dashes */
	char letter;          /* short form, or 0 */
	const char *argument; /* "FILE", or NULL for a flag */
	const char *help;
};

struct command {
	const char *name;
	const char *arguments; /* "FILE…", or "" */
	const char *summary;   /* one line, lower case */
	/* Ends with a NULL name; may be NULL. A command that takes a "KEY" takes --passphrase-fd
	 * too. */
	const struct option_spec *options;
	int (*run)(const struct command *command, int argc, char **argv); /* enum exit_status */
};

/*
 * Walks argv by command->options. Returns the index in options of the next option
 * and its argument in *ret_argument, -1 at the end (optind is then the first
 * operand), -2 after a message when the line is wrong, -3 when --help was printed.
 */
int command_option(const struct command *command, int argc, char **argv, const char **ret_argument);

/* "bpfsign: try 'bpfsign NAME --help'" after a message; returns EXIT_USAGE. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Runs the command that argv names, out of a table that ends with a NULL name; the exit status. A
 * first command with the name "" runs when an option comes first. summary: one sentence, for
 * --help.
 */
int command_main(const struct command *commands, const char *summary, int argc, char **argv);
