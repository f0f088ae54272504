/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The commands of watchbpf. */

#include "src/command/command.h"
#include "src/base/state.h"

/* What is kept across starts: the highest sequences seen. */
#define SEQUENCES_FILE STATE_DIRECTORY "/sequences"

extern const struct option_spec follow_options[];
int cmd_follow(const struct command *command, int argc, char **argv);
extern const struct option_spec list_options[];
int cmd_list(const struct command *command, int argc, char **argv);
int cmd_watch(const struct command *command, int argc, char **argv);
int cmd_stop(const struct command *command, int argc, char **argv);
int cmd_self_test(const struct command *command, int argc, char **argv);
int cmd_reasons(const struct command *command, int argc, char **argv);
