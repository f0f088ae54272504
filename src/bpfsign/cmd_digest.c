/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign digest FILE…`: a manifest without signatures, the input of an offline signer.
 * `bpfsign sign --digests` makes one with them of it.
 */

#include "src/bpfsign/bpfsign.h"

#include "plugins/sign/signer.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/sign_arguments.h"
#include "src/command/arguments.h"
#include "src/files/batch.h"
#include "src/sign/manifest.h"
#include "src/sign/sign.h"

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

static int set_option(struct sign_options *options, const struct command *command, int option,
	const char *argument)
{
	switch (option) {
	case OPTION_OUTPUT:
		options->manifest_path = argument;
		return -1;
	case OPTION_NAME:
		return sign_argument_program(command, argument, &options->name);
	case OPTION_ROLE:
		return sign_argument_role(command, argument, &options->role);
	case OPTION_WITH:
		return sign_argument_routes(command, argument, &options->routes);
	case OPTION_SEQUENCE:
		options->has_sequence = true;
		return arguments_number(
			command, "sequence", argument, UINT64_MAX, &options->sequence);
	case OPTION_CLAIMS:
		options->claims = true;
		return -1;
	default:
		return select_option(&options->select, command, option, argument);
	}
}

static int parse(struct sign_options *options, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(options, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = select_operands(&options->select, command, argc);
	return status < 0 && !options->has_sequence
		       ? sign_argument_default_sequence(command, &options->sequence)
		       : status;
}

static int run(const struct sign_options *options, char **operands)
{
	_cleanup_(sign_done) struct signing signing = SIGNING_INIT(options);
	int status = EXIT_UNKNOWN;
	struct diag diag;

	int r = select_fill(&signing.selection, operands, &diag);
	if (r >= 0)
		r = sign_into_manifest(&signing, "reading", &status, &diag);
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : status;
}

int cmd_digest(const struct command *command, int argc, char **argv)
{
	struct sign_options options = {.manifest_path = "-", .force = true, .notice = diag_print};

	int status = parse(&options, command, argc, argv);
	if (status < 0)
		status = run(&options, argv + optind);
	select_options_done(&options.select);
	return status;
}
