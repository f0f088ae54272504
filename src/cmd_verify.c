/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign verify FILE…`: who signed a file, and as what, by the anchors on disk. Not what the
 * policy would do with it.
 */

#include "arguments.h"
#include "cmd.h"
#include "log.h"
#include "names.h"
#include "verify.h"

enum { OPTION_ROLE, OPTION_JSON };
const struct option_spec verify_options[] = {
	[OPTION_ROLE] = {"role", 0, "ROLE", "accept this role only"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static void verify_done(struct verify *verify)
{
	anchors_done(&verify->anchors);
}

static int parse(struct verify *verify, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option == OPTION_JSON) {
			verify->use_json = true;
			continue;
		}
		int role = role_find(argument);
		if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
			return command_usage(command,
				"--role '%s' is not executable, library, collateral or policy",
				argument);
		verify->role = (enum bs_role)role;
	}
	int status = arguments_end(option);
	return status < 0 ? arguments_count(command, argc, 1, argc) : status;
}

int cmd_verify(const struct command *command, int argc, char **argv)
{
	_cleanup_(verify_done) struct verify verify = {0};
	struct diag diag;

	int status = parse(&verify, command, argc, argv);
	if (status >= 0)
		return status;
	int r = anchors_load(&verify.anchors, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);

	status = EXIT_YES;
	json_start(&verify.json, stdout);
	if (verify.use_json)
		json_array_begin(&verify.json, NULL);
	for (int i = optind; i < argc; i++) {
		int one = verify_file(&verify, argv[i]);
		status = one > status ? one : status;
	}
	if (verify.use_json) {
		json_array_end(&verify.json);
		json_finish(&verify.json);
	}
	return status;
}
