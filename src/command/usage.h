/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between command.c and usage.c only. */

#include "src/command/command.h"

/* The option of every command that takes a KEY, listed after its own. */
extern const struct option_spec usage_passphrase_fd;
bool usage_takes_key(const struct command *command);

/* The command without a name, which runs when the first argument is an option; or NULL. */
const struct command *usage_default_command(const struct command *commands);

/* The help of the program, and of one command, on standard output. */
void usage_print_program(const struct command *commands, const char *summary);
void usage_print_command(const struct command *command);
