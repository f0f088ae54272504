/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign verify FILE…`: who signed a file, and as what, by the anchors on disk. Not what the
 * policy would do with it.
 */

#include "arguments.h"
#include "batch.h"
#include "cmd.h"
#include "log.h"
#include "names.h"
#include "util.h"
#include "verify.h"

enum { OPTION_ROLE = SELECT_END, OPTION_JSON };
const struct option_spec verify_options[] = {
	SELECTION_OPTIONS,
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

static int set_role(struct verify *verify, const struct command *command, const char *argument)
{
	int role = role_find(argument);

	if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
		return command_usage(command,
			"--role '%s' is not executable, library, collateral or policy", argument);
	verify->role = (enum bs_role)role;
	return -1;
}

static int parse(struct verify *verify, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option < SELECT_END)
			status = selection_option(&verify->selection, command, option, argument);
		else if (option == OPTION_ROLE)
			status = set_role(verify, command, argument);
		else
			verify->use_json = true;
	}
	if (status < 0)
		status = arguments_end(option);
	return status < 0 ? selection_operands(&verify->selection, command, argc) : status;
}

static const char *path_of(void *context, size_t item)
{
	const struct verify *verify = context;
	return verify->selection.targets[item].path;
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	verify_target(context, item, outcome);
}

static int verify_all(struct verify *verify)
{
	const struct batch batch = {.verb = "verifying",
		.kinds = verify_results,
		.use_json = verify->use_json,
		.jobs = (unsigned)verify->selection.jobs,
		.n = verify->selection.n,
		.path = path_of,
		.run = run_item,
		.context = verify};

	return batch_run(&batch);
}

int cmd_verify(const struct command *command, int argc, char **argv)
{
	_cleanup_(verify_done) struct verify verify = {.selection = SELECTION_INIT};
	struct diag diag;

	int status = parse(&verify, command, argc, argv);
	if (status >= 0)
		return status;
	int r = selection_fill(&verify.selection, argv + optind, &diag);
	if (r >= 0)
		r = anchors_load(&verify.anchors, &diag);
	if (r >= 0 && !(verify.certificates = anchors_certificates(&verify.anchors)))
		r = diag_set(&diag, -ENOMEM, "out of memory");
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : verify_all(&verify);
}
