/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign digest FILE…`: what whoever signs elsewhere needs, a manifest without signatures.
 * `bpfsign sign --digests` makes one with them of it.
 */

#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/files/batch.h"
#include "src/base/log.h"
#include "plugins/sign/signer.h"
#include "src/sign/sign.h"
#include "src/bpfsign/sign_arguments.h"
#include "src/sign/manifest.h"
#include "src/base/base.h"

enum {
	OPTION_OUTPUT = SELECT_END,
	OPTION_NAME,
	OPTION_ROLE,
	OPTION_WITH,
	OPTION_SEQUENCE,
	OPTION_CLAIMS
};
const struct option_spec digest_options[] = {
	SELECTION_OPTIONS,
	[OPTION_OUTPUT] = {"output", 'o', "FILE", "write it there (default: standard output)"},
	[OPTION_NAME] = {"name", 0, "NAME", "the program's name (default: the file's)"},
	[OPTION_ROLE] = {"role", 0, "ROLE",
		"executable, library, collateral or policy (default: by content)"},
	[OPTION_WITH] = {"with", 0, "KINDS", "as `sign --with` will be told: ima-v2 needs more"},
	[OPTION_SEQUENCE] = {"sequence", 0, "N", "its version (default: seconds since 1970)"},
	[OPTION_CLAIMS] = {"claims", 0, NULL, "with the claims that the files carry already"},
	{0},
};

static int set_option(
	struct sign *sign, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_OUTPUT:
		sign->manifest_path = argument;
		return -1;
	case OPTION_NAME:
		return argument_program(command, argument, &sign->name);
	case OPTION_ROLE:
		return argument_role(command, argument, &sign->role);
	case OPTION_WITH:
		return argument_routes(command, argument, &sign->routes);
	case OPTION_SEQUENCE:
		sign->has_sequence = true;
		return arguments_number(command, "sequence", argument, UINT64_MAX, &sign->sequence);
	case OPTION_CLAIMS:
		sign->claims = true;
		return -1;
	default:
		return selection_option(&sign->selection, command, option, argument);
	}
}

static int parse(struct sign *sign, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(sign, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = selection_operands(&sign->selection, command, argc);
	return status < 0 && !sign->has_sequence
		       ? argument_default_sequence(command, &sign->sequence)
		       : status;
}

int cmd_digest(const struct command *command, int argc, char **argv)
{
	_cleanup_(sign_done) struct sign sign = {.selection = SELECTION_INIT,
		.turn = PTHREAD_MUTEX_INITIALIZER,
		.manifest_path = "-",
		.force = true};
	struct diag diag;

	int status = parse(&sign, command, argc, argv);
	if (status >= 0)
		return status;
	int r = selection_fill(&sign.selection, argv + optind, &diag);
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : sign_into_manifest(&sign, "reading");
}
