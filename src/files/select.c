/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the command line to the targets of a selection; walk.c lists directories. */

#include "src/files/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/way.h"
#include "src/command/arguments.h"
#include "src/files/walk.h"
#include "src/files/work.h"

#define LIST_LIMIT (256U << 20) /* bytes */

/* --- options -------------------------------------------------------------------------------- */

int select_add_glob(struct globs *globs, const char *glob)
{
	const char **grown = reallocarray(globs->items, globs->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	globs->items = grown;
	globs->items[globs->n++] = glob;
	return 0;
}

void select_options_done(struct select_options *options)
{
	free(options->include.items);
	free(options->exclude.items);
	options->include = options->exclude = (struct globs){0};
}

static int add_glob(struct globs *globs, const struct command *command, const char *glob)
{
	return select_add_glob(globs, glob) == 0 ? -1 : command_usage(command, "out of memory");
}

int select_option(struct select_options *options, const struct command *command, int option,
	const char *argument)
{
	switch (option) {
	case SELECT_RECURSIVE:
		options->recursive = true;
		return -1;
	case SELECT_FROM0:
		options->list = argument;
		return -1;
	case SELECT_ROOT:
		options->root = argument;
		return -1;
	case SELECT_INCLUDE:
		return add_glob(&options->include, command, argument);
	case SELECT_EXCLUDE:
		return add_glob(&options->exclude, command, argument);
	case SELECT_PROGRAMS:
		options->programs = true;
		return -1;
	default:
		return arguments_number(command, "jobs", argument, WORK_JOBS_LIMIT, &options->jobs);
	}
}

int select_operands(const struct select_options *options, const struct command *command, int argc)
{
	return options->list ? -1 : arguments_count(command, argc, 1, argc);
}

int select_none(const struct select_options *options, const struct command *command, int argc)
{
	if (optind < argc || options->recursive || options->programs || options->root ||
		options->list || options->include.n || options->exclude.n)
		return command_usage(command, "--all says which files; nothing else does");
	return -1;
}

/* --- targets -------------------------------------------------------------------------------- */

static int keep_directory(struct selection *selection, int fd)
{
	int *grown =
		reallocarray(selection->directories, selection->n_directories + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	selection->directories = grown;
	selection->directories[selection->n_directories++] = fd;
	return 0;
}

static int top(const struct selection *selection)
{
	return selection->options->root ? selection->root_fd : AT_FDCWD;
}

static uint64_t top_resolve(const struct selection *selection)
{
	return selection->options->root ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS : 0;
}

/* The files below a directory that was named. Its descriptor stays open for the targets. */
static int add_directory(struct selection *selection, const char *path, int fd)
{
	_cleanup_close_ int owned = fd;

	int r = keep_directory(selection, fd);
	if (r < 0)
		return r;
	TAKE_FD(owned);
	return walk_directory(selection, path, fd);
}

/* A file, or a path that cannot be examined: opening it later gives the reason. */
static int add_file(struct selection *selection, const char *path, bool named)
{
	_cleanup_free_ char *copy = strdup(path);
	const struct target target = {.path = copy,
		.name = copy,
		.directory = top(selection),
		.resolve = top_resolve(selection),
		.named = named};

	if (!copy)
		return -ENOMEM;
	if (!named && !selection_wants(selection, path))
		return 0;
	int r = selection_add(selection, &target);
	if (r == 0)
		TAKE_PTR(copy);
	return r;
}

static int open_directory(const struct selection *selection, const char *path)
{
	const unsigned flags = selection->options->root ? WAY_ROOT : 0;
	_cleanup_way_ struct way way = WAY_INIT;

	if (!selection->options->guarded)
		return open_below(top(selection), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK,
			top_resolve(selection));
	int r = way_open(top(selection), path, flags, &way);
	return r < 0 ? r : open_path(way.fd, ".", O_RDONLY | O_DIRECTORY, 0);
}

static int add_operand(struct selection *selection, const char *path, bool named)
{
	int fd = selection->options->recursive ? open_directory(selection, path) : -ENOTDIR;

	return fd >= 0 ? add_directory(selection, path, fd) : add_file(selection, path, named);
}

static int read_list(const char *path, struct bytes *ret, struct diag *reterr)
{
	int r = strcmp(path, "-") == 0 ? read_fd(STDIN_FILENO, LIST_LIMIT, ret)
				       : read_file(path, LIST_LIMIT, ret);

	return r < 0 ? diag_set(reterr, r, "can't read the list '%s': %s", path, strerror(-r)) : 0;
}

static int add_list(struct selection *selection, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes list = {0};

	int r = read_list(selection->options->list, &list, reterr);
	if (r < 0)
		return r;
	if (list.size > 0 && list.data[list.size - 1] != 0) {
		diag_set(reterr, -EINVAL, "the list '%s' does not end with NUL",
			selection->options->list);
		diag_hint(reterr, "find … -print0 makes one");
		return -EINVAL;
	}
	for (size_t at = 0; at < list.size;) {
		const char *path = (const char *)list.data + at;
		if (!*path)
			return diag_set(reterr, -EINVAL,
				"the list '%s' has an empty path at byte %zu",
				selection->options->list, at);
		r = add_operand(selection, path, /* named= */ false);
		if (r < 0)
			return diag_set(reterr, r, "out of memory");
		at += strlen(path) + 1;
	}
	return 0;
}

/* Each directory that is named stays open, and there may be many in a list. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int select_fill(struct selection *selection, char **operands, struct diag *reterr)
{
	int r = 0;

	if (selection->options->recursive)
		allow_many_files();
	if (selection->options->root) {
		selection->root_fd =
			open_path(AT_FDCWD, selection->options->root, O_PATH | O_DIRECTORY, 0);
		if (selection->root_fd < 0)
			return diag_set(reterr, selection->root_fd, "can't open '%s': %s",
				selection->options->root, strerror(-selection->root_fd));
	}
	for (; r == 0 && *operands; operands++)
		r = add_operand(selection, *operands, /* named= */ true);
	if (r < 0)
		return diag_set(reterr, r, "out of memory");
	return selection->options->list ? add_list(selection, reterr) : 0;
}
