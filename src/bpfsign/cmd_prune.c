/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign prune MANIFEST…`: takes the lines of files that vanished out of manifests. */

#include <fcntl.h>

#include "src/command/arguments.h"
#include "src/bpfsign/bpfsign.h"
#include "src/base/log.h"
#include "src/apply/prune.h"
#include "src/sets/sets.h"
#include "src/base/file.h"

enum { OPTION_ALL, OPTION_ROOT, OPTION_DRY_RUN, OPTION_JSON };
const struct option_spec prune_options[] = {
	[OPTION_ALL] = {"all", 0, NULL, "the manifests that /etc/bpfsign/sign.d names"},
	[OPTION_ROOT] = {"root", 0, "DIR", "the paths are below DIR (with --all: /)"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be taken out"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static int parse(struct prune *prune, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option == OPTION_ALL)
			prune->all = true;
		else if (option == OPTION_ROOT)
			prune->root = argument;
		else if (option == OPTION_DRY_RUN)
			prune->dry_run = true;
		else
			prune->use_json = true;
	}
	int status = arguments_end(option);
	if (status >= 0)
		return status;
	if (prune->all)
		return prune->root ? command_usage(command, "--all is about '/'")
				   : arguments_count(command, argc, 0, 0);
	return arguments_count(command, argc, 1, argc);
}

static int prune_all(struct prune *prune)
{
	_cleanup_sign_sets_ struct sign_sets sets = {0};
	struct diag diag;
	int status = EXIT_YES;

	if (sign_sets_load(&sets, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < sets.n; i++)
		if (sets.items[i].manifest)
			status |= prune_one(prune, sets.items[i].manifest);
	return status;
}

static int prune_files(struct prune *prune, char **files)
{
	int status = EXIT_YES;

	if (prune->all)
		return prune_all(prune);
	for (; *files; files++)
		status |= prune_one(prune, *files);
	return status;
}

int cmd_prune(const struct command *command, int argc, char **argv)
{
	struct prune prune = {.root_fd = AT_FDCWD};

	int status = parse(&prune, command, argc, argv);
	if (status >= 0)
		return status;
	if (prune.all)
		prune.root = "/";
	_cleanup_close_ int root = -EBADF;
	if (prune.root) {
		root = prune.root_fd = open_path(AT_FDCWD, prune.root, O_PATH | O_DIRECTORY, 0);
		if (root < 0)
			return log_error_errno(root, "can't open '%s'", prune.root), EXIT_UNKNOWN;
	}
	json_start(&prune.json, stdout);
	if (prune.use_json)
		json_array_begin(&prune.json, NULL);
	status = prune_files(&prune, argv + optind);
	if (prune.use_json) {
		json_array_end(&prune.json);
		json_finish(&prune.json);
	}
	return status;
}
