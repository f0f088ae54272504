/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Options of sign, digest and verify. All: -1, or EXIT_USAGE after a message. */

#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/command/command.h"

/* A role that a file can have. */
int sign_argument_role(const struct command *command, const char *text, enum bs_role *ret);

/* The name of a program. */
int sign_argument_program(const struct command *command, const char *text, const char **ret);

/* Kinds of signatures, as bits of their places in signers[]. */
int sign_argument_routes(const struct command *command, const char *text, unsigned *ret);

/* The default of --sequence: the time, unless SOURCE_DATE_EPOCH is set. */
int sign_argument_default_sequence(const struct command *command, uint64_t *ret);
