/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The commands of bpfsign, each in cmd_NAME.c, and their options. */

#include "src/command/command.h"

int cmd_keygen(const struct command *command, int argc, char **argv);
int cmd_enroll(const struct command *command, int argc, char **argv);
int cmd_unenroll(const struct command *command, int argc, char **argv);
int cmd_rotate(const struct command *command, int argc, char **argv);
int cmd_export(const struct command *command, int argc, char **argv);
int cmd_keys(const struct command *command, int argc, char **argv);
int cmd_sign(const struct command *command, int argc, char **argv);
int cmd_digest(const struct command *command, int argc, char **argv);
int cmd_apply(const struct command *command, int argc, char **argv);
int cmd_prune(const struct command *command, int argc, char **argv);
int cmd_settle(const struct command *command, int argc, char **argv);
int cmd_verify(const struct command *command, int argc, char **argv);
int cmd_order(const struct command *command, int argc, char **argv);
int cmd_inspect(const struct command *command, int argc, char **argv);
int cmd_policy(const struct command *command, int argc, char **argv);
int cmd_ima_policy(const struct command *command, int argc, char **argv);
int cmd_seal(const struct command *command, int argc, char **argv);
int cmd_unseal(const struct command *command, int argc, char **argv);

extern const struct option_spec keygen_options[], enroll_options[], unenroll_options[],
	rotate_options[], export_options[], keys_options[], sign_options[], digest_options[],
	apply_options[], prune_options[], settle_options[], verify_options[], order_options[],
	inspect_options[], policy_options[], ima_policy_options[], unseal_options[];
