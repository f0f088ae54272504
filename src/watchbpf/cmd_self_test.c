/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf self-test`: does the kernel take this program for the control program? */

#include "src/command/arguments.h"
#include "src/enforcer/enforcer.h"
#include "src/watchbpf/watchbpf.h"

int cmd_self_test(const struct command *command, int argc, char **argv)
{
	const char *value;
	int r = arguments_end(command_option(command, argc, argv, &value));

	if (r >= 0)
		return r;
	return enforcer_is_control() ? EXIT_YES : EXIT_NO;
}
