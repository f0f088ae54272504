/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign verify FILE…`: who signed a file, and as what, by the anchors on disk. Not what the
 * policy would do with it.
 */

#include "src/command/arguments.h"
#include "src/bpfsign/bpfsign.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "src/bpfsign/sign_arguments.h"
#include "src/sets/everything.h"
#include "src/base/base.h"

enum { OPTION_ALL = SELECT_END, OPTION_ROLE, OPTION_JSON };
const struct option_spec verify_options[] = {
	SELECTION_OPTIONS,
	[OPTION_ALL] = {"all", 0, NULL, "what /etc/bpfsign/sign.d says is signed"},
	[OPTION_ROLE] = {"role", 0, "ROLE", "accept this role only"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static void verify_done(struct verify *verify)
{
	selection_done(&verify->selection);
	free(verify->certificates);
	anchors_done(&verify->anchors);
}

static int parse(
	struct verify *verify, const struct command *command, int argc, char **argv, bool *ret_all)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option < SELECT_END)
			status = selection_option(&verify->selection, command, option, argument);
		else if (option == OPTION_ALL)
			*ret_all = true;
		else if (option == OPTION_ROLE)
			status = argument_role(command, argument, &verify->role);
		else
			verify->use_json = true;
	}
	if (status < 0)
		status = arguments_end(option);
	if (status >= 0)
		return status;
	return *ret_all ? selection_none(&verify->selection, command, argc)
			: selection_operands(&verify->selection, command, argc);
}

int cmd_verify(const struct command *command, int argc, char **argv)
{
	_cleanup_(verify_done) struct verify verify = {.selection = SELECTION_INIT};
	struct diag diag;
	bool all = false;

	int status = parse(&verify, command, argc, argv, &all);
	if (status >= 0)
		return status;
	int r = anchors_load(&verify.anchors, &diag);
	if (r >= 0 && !all)
		r = selection_fill(&verify.selection, argv + optind, &diag);
	if (r >= 0 && !(verify.certificates = anchors_certificates(&verify.anchors)))
		r = diag_set(&diag, -ENOMEM, "out of memory");
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	return all ? verify_everything(&verify) : verify_all(&verify);
}
