/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign apply MANIFEST`: signatures made elsewhere, onto the files of this machine or of an
 * image's layers.
 */

#include "src/apply/apply.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"

enum {
	OPTION_ROOT,
	OPTION_IMAGE_ROOT,
	OPTION_UNVERIFIED,
	OPTION_FORCE,
	OPTION_JOBS,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec apply_options[] = {
	[OPTION_ROOT] = {"root", 0, "DIR", "the paths are below DIR and do not lead out of it"},
	[OPTION_IMAGE_ROOT] = {"image-root", 0, "DIR",
		"an unpacked layer of an image is below DIR; may be repeated"},
	[OPTION_UNVERIFIED] = {"unverified", 0, NULL, "whatever key made the signatures"},
	[OPTION_FORCE] = {"force", 'f', NULL, "also in place of a later sequence"},
	[OPTION_JOBS] = {"jobs", 'j', "N", "files at a time (default: one for each processor)"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "check everything, change nothing"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static int set_option(struct apply_options *options, const struct command *command, int option,
	const char *argument)
{
	switch (option) {
	case OPTION_ROOT:
		return select_option(&options->select, command, SELECT_ROOT, argument);
	case OPTION_IMAGE_ROOT:
		return apply_add_root(options, argument) == 0
			       ? -1
			       : command_usage(command, "out of memory");
	case OPTION_JOBS:
		return select_option(&options->select, command, SELECT_JOBS, argument);
	case OPTION_UNVERIFIED:
		options->unverified = true;
		return -1;
	case OPTION_FORCE:
		options->force = true;
		return -1;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return -1;
	default:
		options->use_json = true;
		return -1;
	}
}

static int parse(
	struct apply_options *options, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(options, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0 && options->select.root && options->n_roots)
		status = command_usage(command, "--root and --image-root exclude each other");
	return status < 0 ? arguments_count(command, argc, options->n_roots ? 0 : 1, 1) : status;
}

static int run(const struct apply_options *options)
{
	_cleanup_(apply_done) struct applying applying = APPLYING_INIT(options);
	struct diag diag;

	return apply_load(&applying, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag)
						: apply_all(&applying);
}

int cmd_apply(const struct command *command, int argc, char **argv)
{
	_cleanup_(apply_options_done) struct apply_options options = {.notice = diag_print};

	int status = parse(&options, command, argc, argv);
	if (status >= 0)
		return status;
	options.file = argv[optind];
	return run(&options);
}
