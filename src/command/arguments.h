/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Checks that the command lines of many commands share. */

#include <stdint.h>

#include "src/command/command.h"

/* How command_option() ended, as an exit status, or -1: the line is fine, go on. */
int arguments_end(int option);

/* -1 when from min to max operands are left, else EXIT_USAGE after a message. */
int arguments_count(const struct command *command, int argc, int min, int max);

/* A decimal number up to max into *ret; -1, or EXIT_USAGE after a message. */
int arguments_number(const struct command *command, const char *option, const char *text,
	uint64_t max, uint64_t *ret);

/* The name of a signer or program; -1, or EXIT_USAGE after a message. */
int arguments_name(const struct command *command, const char *what, const char *text);
