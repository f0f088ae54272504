/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign prune MANIFEST…`: takes the lines of files that vanished out of manifests. */

#include <fcntl.h>
#include <string.h>

#include "src/apply/prune.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/sets/sets.h"

enum { OPTION_ALL, OPTION_ROOT, OPTION_DRY_RUN, OPTION_JSON };
const struct option_spec prune_options[] = {
	[OPTION_ALL] = {"all", 0, NULL, "the manifests that /etc/bpfsign/sign.d names"},
	[OPTION_ROOT] = {"root", 0, "DIR", "the paths are below DIR (with --all: /)"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be taken out"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

struct request {
	struct prune_options prune;
	bool all, use_json;
	struct json json;
};

static void report(void *context, const char *file, const char *path)
{
	struct request *request = context;
	const char *result = request->prune.dry_run ? "would be pruned" : "pruned";
	_cleanup_free_ char *escaped = escape_text(path, strlen(path));

	if (!request->use_json) {
		printf("%s: %s from %s\n", escaped ? escaped : "?", result, file);
		return;
	}
	json_object_begin(&request->json, NULL);
	json_string(&request->json, "manifest", file);
	json_string(&request->json, "path", path);
	json_string(&request->json, "result", result);
	json_object_end(&request->json);
}

static int parse(struct request *request, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option == OPTION_ALL)
			request->all = true;
		else if (option == OPTION_ROOT)
			request->prune.root = argument;
		else if (option == OPTION_DRY_RUN)
			request->prune.dry_run = true;
		else
			request->use_json = true;
	}
	int status = arguments_end(option);
	if (status >= 0)
		return status;
	if (request->all)
		return request->prune.root ? command_usage(command, "--all is about '/'")
					   : arguments_count(command, argc, 0, 0);
	return arguments_count(command, argc, 1, argc);
}

static int prune_one(const struct request *request, const char *file)
{
	struct diag diag;

	return prune_manifest(&request->prune, file, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag)
								: EXIT_YES;
}

static int prune_all(struct request *request)
{
	_cleanup_sets_ struct sets sets = {0};
	struct diag diag;
	int status = EXIT_YES;

	if (sets_load(&sets, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < sets.n; i++)
		if (sets.items[i].manifest)
			status |= prune_one(request, sets.items[i].manifest);
	return status;
}

static int prune_files(struct request *request, char **files)
{
	int status = EXIT_YES;

	if (request->all)
		return prune_all(request);
	for (; *files; files++)
		status |= prune_one(request, *files);
	return status;
}

int cmd_prune(const struct command *command, int argc, char **argv)
{
	struct request request = {
		.prune = {.root_fd = AT_FDCWD, .report = report, .context = &request}};
	struct prune_options *options = &request.prune;

	int status = parse(&request, command, argc, argv);
	if (status >= 0)
		return status;
	if (request.all)
		options->root = "/";
	_cleanup_close_ int root = -EBADF;
	if (options->root) {
		root = options->root_fd =
			open_path(AT_FDCWD, options->root, O_PATH | O_DIRECTORY, 0);
		if (root < 0)
			return log_error_errno(root, "can't open '%s'", options->root),
			       EXIT_UNKNOWN;
	}
	json_start(&request.json, stdout);
	if (request.use_json)
		json_array_begin(&request.json, NULL);
	status = prune_files(&request, argv + optind);
	if (request.use_json) {
		json_array_end(&request.json);
		json_finish(&request.json);
	}
	return status;
}
