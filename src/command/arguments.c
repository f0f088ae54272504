/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks that the command lines of many commands share. */

#include "src/command/arguments.h"

#include <limits.h>
#include <string.h>

#include "src/base/text.h"

int arguments_end(int option)
{
	switch (option) {
	case -1:
		return -1;
	case -3:
		return EXIT_YES;
	default:
		return EXIT_USAGE;
	}
}

int arguments_count(const struct command *command, int argc, int min, int max)
{
	int n = argc - optind;

	if (n < min)
		return command_usage(command, "%s is missing", command->arguments);
	if (n > max)
		return command_usage(command, "%d arguments are too many", n);
	return -1;
}

int arguments_number(const struct command *command, const char *option, const char *text,
	uint64_t max, uint64_t *ret)
{
	/* strtoull() takes signs and blanks; a sequence of "-1" would be the highest of all. */
	bool digits = *text && text[strspn(text, "0123456789")] == 0;

	errno = 0;
	unsigned long long value = strtoull(text, NULL, 10);
	if (!digits || errno != 0 || value > max)
		return command_usage(command, "--%s '%s' is not a number from 0 to %llu", option,
			text, (unsigned long long)max);
	*ret = value;
	return -1;
}

int arguments_name(const struct command *command, const char *what, const char *text)
{
	if (name_is_valid(text) && text[0] != '.')
		return -1;
	return command_usage(command,
		"%s '%s' is not a name ([a-z0-9._-]{1,63}, not beginning with '.')", what, text);
}
