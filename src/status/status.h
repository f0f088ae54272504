/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign status` and `watchbpf status`, which are one. */

#include "src/command/command.h"

extern const struct option_spec status_options[];
int status_run(const struct command *command, int argc, char **argv);
