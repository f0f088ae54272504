/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The commands of watchbpf. */

#include "cmd.h"
#include "enforcer.h"

int cmd_watch(const struct command *command, int argc, char **argv);
int cmd_stop(const struct command *command, int argc, char **argv);
int cmd_reasons(const struct command *command, int argc, char **argv);

/*
 * Reads an order from a file and has the kernel carry it out. argument: the digest that
 * the order must name, or NULL. 0, -EPERM with the kernel's reason in *reterr, or -errno.
 */
int order_submit(struct enforcer *enforcer, const char *path,
	const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr);
