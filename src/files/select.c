/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From operands to files; walk.c goes through directories. */

#include "src/files/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/command/arguments.h"
#include "src/files/role.h"
#include "src/files/internal.h"
#include "src/base/file.h"
#include "src/files/work.h"

#define LIST_LIMIT (256U << 20) /* bytes */

void selection_done(struct selection *selection)
{
	for (size_t i = 0; i < selection->n; i++) {
		free(selection->targets[i].path);
		free(selection->targets[i].refusal);
	}
	for (size_t i = 0; i < selection->n_directories; i++)
		close(selection->directories[i]);
	free(selection->targets);
	free(selection->directories);
	free(selection->include.items);
	free(selection->exclude.items);
	close_fd(&selection->root_fd);
	*selection = (struct selection)SELECTION_INIT;
}

/* --- options -------------------------------------------------------------------------------- */

int words_add(struct words *words, const char *word)
{
	const char **grown = reallocarray(words->items, words->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	words->items = grown;
	words->items[words->n++] = word;
	return 0;
}

static int add_word(struct words *words, const struct command *command, const char *word)
{
	return words_add(words, word) == 0 ? -1 : command_usage(command, "out of memory");
}

int selection_option(struct selection *selection, const struct command *command, int option,
	const char *argument)
{
	switch (option) {
	case SELECT_RECURSIVE:
		selection->recursive = true;
		return -1;
	case SELECT_FROM0:
		selection->list = argument;
		return -1;
	case SELECT_ROOT:
		selection->root = argument;
		return -1;
	case SELECT_INCLUDE:
		return add_word(&selection->include, command, argument);
	case SELECT_EXCLUDE:
		return add_word(&selection->exclude, command, argument);
	case SELECT_PROGRAMS:
		selection->programs = true;
		return -1;
	default:
		return arguments_number(
			command, "jobs", argument, WORK_JOBS_LIMIT, &selection->jobs);
	}
}

int selection_operands(const struct selection *selection, const struct command *command, int argc)
{
	return selection->list ? -1 : arguments_count(command, argc, 1, argc);
}

int selection_none(const struct selection *selection, const struct command *command, int argc)
{
	if (optind < argc || selection->recursive || selection->programs || selection->root ||
		selection->list || selection->include.n || selection->exclude.n)
		return command_usage(command, "--all says which files; nothing else does");
	return -1;
}

/* --- targets -------------------------------------------------------------------------------- */

int selection_add(struct selection *selection, const struct target *target)
{
	/* In steps of powers of two: there may be many. */
	if ((selection->n & (selection->n - 1)) == 0) {
		size_t room = selection->n ? 2 * selection->n : 1;
		struct target *grown = reallocarray(selection->targets, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		selection->targets = grown;
	}
	selection->targets[selection->n++] = *target;
	return 0;
}

int selection_add_needed(struct selection *selection, char *path, enum bs_role role)
{
	const struct target target = {
		.path = path, .name = path, .directory = AT_FDCWD, .needed = true, .role = role};
	int r = selection_add(selection, &target);

	if (r < 0)
		free(path);
	return r;
}

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
	return selection->root ? selection->root_fd : AT_FDCWD;
}

static uint64_t top_resolve(const struct selection *selection)
{
	return selection->root ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS : 0;
}

/* A directory that was named: what is below it. Its descriptor stays open for the targets. */
static int add_directory(struct selection *selection, const char *path, int fd)
{
	_cleanup_close_ int owned = fd;

	int r = keep_directory(selection, fd);
	if (r < 0)
		return r;
	TAKE_FD(owned);
	return walk_directory(selection, path, fd);
}

/* A file, or something that cannot be looked at: who opens it will say why. */
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

static int add_operand(struct selection *selection, const char *path, bool named)
{
	int fd = -ENOTDIR;

	if (selection->recursive)
		fd = open_below(top(selection), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK,
			top_resolve(selection));
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

	int r = read_list(selection->list, &list, reterr);
	if (r < 0)
		return r;
	if (list.size > 0 && list.data[list.size - 1] != 0) {
		diag_set(reterr, -EINVAL, "the list '%s' does not end with NUL", selection->list);
		diag_hint(reterr, "find … -print0 makes one");
		return -EINVAL;
	}
	for (size_t at = 0; at < list.size;) {
		const char *path = (const char *)list.data + at;
		if (!*path)
			return diag_set(reterr, -EINVAL,
				"the list '%s' has an empty path at byte %zu", selection->list, at);
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

int selection_fill(struct selection *selection, char **operands, struct diag *reterr)
{
	int r = 0;

	if (selection->recursive)
		allow_many_files();
	if (selection->root) {
		selection->root_fd = open_path(AT_FDCWD, selection->root, O_PATH | O_DIRECTORY, 0);
		if (selection->root_fd < 0)
			return diag_set(reterr, selection->root_fd, "can't open '%s': %s",
				selection->root, strerror(-selection->root_fd));
	}
	for (; r == 0 && *operands; operands++)
		r = add_operand(selection, *operands, /* named= */ true);
	if (r < 0)
		return diag_set(reterr, r, "out of memory");
	return selection->list ? add_list(selection, reterr) : 0;
}

/* --- opening -------------------------------------------------------------------------------- */

static int check_regular(const struct target *target, int fd, struct diag *reterr)
{
	const char *path = target->path;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return 0;
	diag_set(reterr, -EINVAL, "'%s' is not a regular file", path);
	if (S_ISDIR(st.st_mode))
		diag_hint(reterr, "--recursive, for what is below it");
	return -EINVAL;
}

int target_open(const struct selection *selection, const struct target *target, int *ret_fd,
	struct diag *reterr)
{
	/* O_NONBLOCK: a FIFO must not hang us; a regular file does not mind. */
	_cleanup_close_ int fd = target->error < 0
					 ? target->error
					 : open_below(target->directory, target->name,
						   O_RDONLY | O_NONBLOCK, target->resolve);
	bool program = true;

	if (target->refusal) {
		*reterr = *target->refusal;
		return -EINVAL;
	}
	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", target->path, strerror(-fd));
	int r = check_regular(target, fd, reterr);
	if (r < 0)
		return r;
	if (selection->programs && (r = role_is_program(fd, &program)) < 0)
		return diag_set(reterr, r, "can't read '%s': %s", target->path, strerror(-r));
	*ret_fd = TAKE_FD(fd);
	return program ? 0 : 1;
}
