/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Help and usage errors, from the tables of commands and options. */

#include "src/command/usage.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/diag.h"

static void print_option(const struct option_spec *option)
{
	char text[64];

	snprintf(text, sizeof(text), "--%s%s%s", option->name, option->argument ? " " : "",
		option->argument ? option->argument : "");
	if (option->letter)
		printf("  -%c, %-22s %s\n", option->letter, text, option->help);
	else
		printf("      %-22s %s\n", text, option->help);
}

const struct option_spec usage_passphrase_fd = {
	"passphrase-fd", 0, "N", "read the passphrase or PIN from descriptor N, a line"};

bool usage_takes_key(const struct command *command)
{
	const struct option_spec *option = command->options;

	while (option && option->name &&
		(!option->argument || strcmp(option->argument, "KEY") != 0))
		option++;
	return (option && option->name) || strstr(command->arguments, "KEY");
}

static void print_options(const struct command *command)
{
	putchar('\n');
	for (const struct option_spec *option = command->options; option && option->name; option++)
		print_option(option);
	if (usage_takes_key(command))
		print_option(&usage_passphrase_fd);
}

const struct command *usage_default_command(const struct command *commands)
{
	return commands[0].name[0] ? NULL : &commands[0];
}

void usage_print_program(const struct command *commands, const char *summary)
{
	const struct command *first = usage_default_command(commands);
	const char *program = program_invocation_short_name;

	printf("usage: %s COMMAND [OPTION]… [ARGUMENT]…\n", program);
	if (first)
		printf("       %s %s [OPTION]…\n", program, first->arguments);
	printf("\n%s\n\n", summary);
	for (const struct command *command = commands; command->name; command++)
		if (command->name[0])
			printf("  %-10s %s\n", command->name, command->summary);
	if (first)
		print_options(first);
	printf("\n  --help     this; '%s COMMAND --help' for one command\n", program);
	puts("  --version  print the version\n\n"
	     "Exit status: 0 yes or done, 1 the answer is no, 2 usage, 3 could not find out or do it.");
}

void usage_print_command(const struct command *command)
{
	printf("usage: %s %s [OPTION]… %s\n\n%s\n", program_invocation_short_name, command->name,
		command->arguments, command->summary);
	print_options(command);
	print_option(&(struct option_spec){"help", 'h', NULL, "this"});
}

int command_usage(const struct command *command, const char *format, ...)
{
	struct diag diag = {0};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(diag.message, sizeof(diag.message), format, arguments);
	va_end(arguments);
	/* "did you mean …?" is cure enough. */
	if (diag.message[0] && diag.message[strlen(diag.message) - 1] != '?')
		diag_hint(&diag, "try '%s%s%s --help'", program_invocation_short_name,
			command->name[0] ? " " : "", command->name);
	diag_print(&diag);
	return EXIT_USAGE;
}
