/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The command line of a program, by its table of commands and their options. Knows nothing of the
 * work of a command.
 */

#include "src/command/command.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "src/base/log.h"
#include "src/base/memory.h"
#include "src/base/text.h"
#include "src/command/arguments.h"
#include "src/command/usage.h"

#define OPTIONS_LIMIT  32 /* of one command, with --passphrase-fd and --help */
#define COMMANDS_LIMIT 32 /* of one program */

/* The command's own options. */
static size_t count_options(const struct command *command)
{
	size_t n = 0;

	while (command->options && command->options[n].name)
		n++;
	return n;
}

/* All of them, as their values number them: its own, those of KEY, --help. */
static size_t all_options(const struct command *command, struct option_spec list[OPTIONS_LIMIT])
{
	size_t n = count_options(command);

	for (size_t i = 0; i < n; i++)
		list[i] = command->options[i];
	if (usage_takes_key(command))
		list[n++] = usage_passphrase_fd;
	list[n++] = (struct option_spec){"help", 'h', NULL, NULL};
	return n;
}

/* getopt_long's tables; the value of an option is its place in the list; returns --help's. */
static size_t fill_getopt(const struct command *command, struct option *options, char *letters)
{
	struct option_spec list[OPTIONS_LIMIT];
	size_t n = all_options(command, list);

	*letters++ = ':';
	for (size_t i = 0; i < n; i++) {
		options[i] = (struct option){list[i].name,
			list[i].argument ? required_argument : no_argument, NULL, 256 + (int)i};
		if (list[i].letter)
			*letters++ = list[i].letter;
		if (list[i].letter && list[i].argument)
			*letters++ = ':';
	}
	*letters = 0;
	options[n] = (struct option){0};
	return n - 1;
}

/* The part of argv that getopt_long() has just consumed, "--name" or "--name=value" or "-n". */
static const char *consumed(char **argv)
{
	return optarg && optarg == argv[optind - 1] ? argv[optind - 2] : argv[optind - 1];
}

/* getopt_long takes "--forc" for "--force"; a script that relies on it breaks one day. */
static bool is_abbreviated(const char *text, const char *name)
{
	size_t n = strcspn(text, "=");
	return strncmp(text, "--", 2) == 0 && (n != strlen(name) + 2);
}

static int unknown_option(
	const struct command *command, const struct option *options, const char *text)
{
	const char *names[OPTIONS_LIMIT], *nearest = NULL;
	size_t n = 0;
	_cleanup_free_ char *name = strndup(text, strcspn(text, "="));

	for (; options[n].name; n++)
		names[n] = options[n].name;
	if (name && strncmp(name, "--", 2) == 0)
		nearest = nearest_word(name + 2, names, n);
	if (nearest)
		command_usage(command, "unknown option '%s'; did you mean '--%s'?", name, nearest);
	else
		command_usage(command, "unknown option '%s'", name ? name : text);
	return -2;
}

/* Of a command's own options, or --help's place. */
static int find_letter(const struct command *command, int letter, size_t help)
{
	size_t n = count_options(command);

	for (size_t i = 0; i < n; i++)
		if (command->options[i].letter == letter)
			return (int)i;
	return (int)help;
}

/* Before any key is read: then nothing but this descriptor is asked for secrets. */
static bool use_passphrase_fd(const struct command *command, const char *argument)
{
	uint64_t fd = 0;

	if (arguments_number(command, usage_passphrase_fd.name, argument, INT_MAX, &fd) >= 0)
		return false;
	secret_use_fd((int)fd);
	return true;
}

int command_option(const struct command *command, int argc, char **argv, const char **ret_argument)
{
	struct option options[OPTIONS_LIMIT + 1];
	char letters[2 * OPTIONS_LIMIT + 2], short_text[] = "-?";
	size_t n = fill_getopt(command, options, letters);

	opterr = 0;
	int r = getopt_long(argc, argv, letters, options, NULL);
	if (r == -1)
		return -1;
	if (r == '?' || r == ':') {
		const char *text = argv[optind - 1];
		short_text[1] = (char)optopt;
		if (optopt > 0 && optopt < 256)
			text = short_text;
		if (r == '?')
			return unknown_option(command, options, text);
		command_usage(command, "option '%s' needs a value", text);
		return -2;
	}
	if (r < 256)
		r = find_letter(command, r, n);
	else if (is_abbreviated(consumed(argv), options[r -= 256].name))
		return unknown_option(command, options, consumed(argv));
	if ((size_t)r == n) {
		usage_print_command(command);
		return -3;
	}
	if ((size_t)r == count_options(command)) /* not its own, and not --help */
		return use_passphrase_fd(command, optarg)
			       ? command_option(command, argc, argv, ret_argument)
			       : -2;
	*ret_argument = optarg;
	return r;
}

static const struct command *find_command(const struct command *commands, const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static int unknown_command(const struct command *commands, const char *name)
{
	const char *names[COMMANDS_LIMIT];
	struct diag diag;
	size_t n = 0;

	for (; commands[n].name && n < COMMANDS_LIMIT; n++)
		names[n] = commands[n].name;
	const char *nearest = nearest_word(name, names, n);
	diag_set(&diag, 0, "unknown command '%s'", name);
	if (nearest)
		diag_hint(&diag, "did you mean '%s'?", nearest);
	else
		diag_hint(&diag, "try '%s --help'", program_invocation_short_name);
	diag_print(&diag);
	return EXIT_USAGE;
}

static int run(const struct command *commands, const char *summary, int argc, char **argv)
{
	if (argc < 2) {
		log_error("a command is missing; try '%s --help'", program_invocation_short_name);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage_print_program(commands, summary);
		return EXIT_YES;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", program_invocation_short_name, BPFSIGN_VERSION);
		return EXIT_YES;
	}

	const struct command *first = usage_default_command(commands);
	if (argv[1][0] == '-' && first)
		return first->run(first, argc, argv);

	const struct command *command = find_command(commands, argv[1]);
	return command ? command->run(command, argc - 1, argv + 1)
		       : unknown_command(commands, argv[1]);
}

int command_main(const struct command *commands, const char *summary, int argc, char **argv)
{
	memory_lock();
	int status = run(commands, summary, argc, argv);

	/* Output that could not be written must not pass for an answer. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error_errno(-errno, "can't write to standard output");
		return EXIT_UNKNOWN;
	}
	return status;
}
