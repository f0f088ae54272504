/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign verify FILE…`: the signer of a file, and its role and name, by the anchors on disk. Not
 * the policy's decision about it.
 */

#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/everything.h"
#include "src/bpfsign/sign_arguments.h"
#include "src/bpfsign/verify_show.h"
#include "src/command/arguments.h"
#include "src/names/names.h"

enum { OPTION_ALL = SELECT_END, OPTION_ROLE, OPTION_JSON };
const struct option_spec verify_options[] = {
	SELECTION_OPTIONS,
	[OPTION_ALL] = {"all", 0, NULL, "what /etc/bpfsign/sign.d says is signed"},
	[OPTION_ROLE] = {"role", 0, "ROLE", "accept this role only"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static int parse(struct verify_options *options, const struct command *command, int argc,
	char **argv, bool *ret_all)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option < SELECT_END)
			status = select_option(&options->select, command, option, argument);
		else if (option == OPTION_ALL)
			*ret_all = true;
		else if (option == OPTION_ROLE)
			status = sign_argument_role(command, argument, &options->role);
		else
			options->use_json = true;
	}
	if (status < 0)
		status = arguments_end(option);
	if (status >= 0)
		return status;
	return *ret_all ? select_none(&options->select, command, argc)
			: select_operands(&options->select, command, argc);
}

static int run(const struct verify_options *options, bool all, char **operands)
{
	_cleanup_(verify_done) struct verifying verifying = VERIFYING_INIT(options);
	struct diag diag;

	int r = verify_begin(&verifying, &diag);
	if (r >= 0 && !all)
		r = select_fill(&verifying.selection, operands, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	return all ? everything_verify(&verifying) : verify_all(&verifying);
}

int cmd_verify(const struct command *command, int argc, char **argv)
{
	struct verify_options options = {.report = verify_show};
	bool all = false;

	int status = parse(&options, command, argc, argv, &all);
	if (status < 0)
		status = run(&options, all, argv + optind);
	select_options_done(&options.select);
	return status;
}
