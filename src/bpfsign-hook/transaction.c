/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * main() of bpfsign-hook: one command for each package manager, since each passes the changed paths
 * in its own way.
 */

#include "src/bpfsign-hook/bpfsign-hook.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "src/base/base.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/command/arguments.h"
#include "src/sets/sets.h"

static const struct option_spec root_options[] = {
	{"root", 0, "DIR", "of the system below DIR"},
	{0},
};

void transaction_done(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->n_changed; i++)
		free(transaction->changed[i]);
	free(transaction->changed);
	unsigned_done(&transaction->failures);
	unsigned_done(&transaction->good);
	unsigned_done(&transaction->before);
	close_fd(&transaction->root_fd);
	*transaction = (struct transaction){.root_fd = -EBADF};
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_changed(struct transaction *transaction, const char *path)
{
	char *copy = strdup(path + strspn(path, "/"));
	char **grown =
		reallocarray(transaction->changed, transaction->n_changed + 1, sizeof(*grown));

	if (grown)
		transaction->changed = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	transaction->changed[transaction->n_changed++] = copy;
	return 0;
}

int transaction_read_changed(struct transaction *transaction, char end)
{
	char *path = NULL;
	size_t size = 0;
	int r = 0;

	for (ssize_t n; r == 0 && (n = getdelim(&path, &size, end, stdin)) > 0;) {
		if (path[n - 1] == end)
			path[n - 1] = 0;
		r = *path ? add_changed(transaction, path) : 0;
	}
	free(path);
	qsort(transaction->changed, transaction->n_changed, sizeof(*transaction->changed),
		by_bytes);
	return r;
}

/* PID 1's root is the running system's. Without /proc there is none. */
static bool is_in_chroot(void)
{
	struct stat ours, inits;

	return stat("/", &ours) < 0 || stat("/proc/1/root/.", &inits) < 0 ||
	       ours.st_dev != inits.st_dev || ours.st_ino != inits.st_ino;
}

static bool has_sets(void)
{
	_cleanup_sets_ struct sets sets = {0};

	return sets_load(&sets, NULL) < 0 || sets.n > 0;
}

bool transaction_is_set_up(const struct transaction *transaction)
{
	_cleanup_anchors_ struct anchors anchors = {0};

	if (anchors_load(&anchors, NULL) < 0 || anchors.n > 0)
		return true; /* one that cannot be read is told */
	return !transaction->is_image && has_sets();
}

static int parse(
	struct transaction *transaction, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	transaction->root = "";
	transaction->manager = command->name;
	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		transaction->root = strcmp(argument, "/") == 0 ? "" : argument;
	int status = arguments_end(option);
	if (status >= 0)
		return status;
	if (*transaction->root && anchors_use_root(transaction->root) < 0)
		return log_error_errno(-ENOMEM, "can't look into '%s'", transaction->root),
		       EXIT_UNKNOWN;
	transaction->root_fd = open_path(
		AT_FDCWD, *transaction->root ? transaction->root : "/", O_PATH | O_DIRECTORY, 0);
	if (transaction->root_fd < 0)
		return log_error_errno(transaction->root_fd, "can't open '%s'", transaction->root),
		       EXIT_UNKNOWN;
	transaction->is_image = *transaction->root || is_in_chroot();
	return -1;
}

/* An error never fails a transaction. */
static int run(struct transaction *transaction)
{
	if (!transaction_is_set_up(transaction))
		return EXIT_YES;
	unsigned_load(transaction->root, &transaction->before);
	if (!transaction_is_concerned(transaction) && (transaction->is_image || !has_sets()))
		return EXIT_YES;
	transaction_manifests(transaction);
	if (!transaction->is_image)
		transaction_sets(transaction);
	transaction_agree(transaction);
	if (!transaction->is_image)
		transaction_restore_init(transaction);
	transaction_report(transaction);
	return EXIT_YES;
}

static int run_all(const struct command *command, int argc, char **argv)
{
	_cleanup_(transaction_done) struct transaction transaction = {
		.root_fd = -EBADF, .everything = true};
	int status = parse(&transaction, command, argc, argv);

	return status >= 0 ? status : run(&transaction);
}

static int run_paths(const struct command *command, int argc, char **argv, char end)
{
	_cleanup_(transaction_done) struct transaction transaction = {.root_fd = -EBADF};
	int status = parse(&transaction, command, argc, argv);

	if (status < 0)
		status = arguments_count(command, argc, 0, 0);
	if (status >= 0)
		return status;
	if (transaction_read_changed(&transaction, end) < 0)
		transaction.everything = true;
	return run(&transaction);
}

static int run_rpm(const struct command *command, int argc, char **argv)
{
	return run_paths(command, argc, argv, '\0');
}

static int run_alpm(const struct command *command, int argc, char **argv)
{
	return run_paths(command, argc, argv, '\n');
}

static const struct command commands[] = {
	{"dpkg", "[TRIGGER…]", "after a run of dpkg, which names directories", root_options,
		run_all},
	{"rpm", "", "after a transaction of rpm: paths ended by NUL on standard input",
		root_options, run_rpm},
	{"alpm", "", "after a transaction of pacman: a path in each line of standard input",
		root_options, run_alpm},
	{"boot", "", "what the building of this image left to do", root_options, run_all},
	{0},
};

int main(int argc, char **argv)
{
	return command_main(
		commands, "Signs what packages brought, for package managers.", argc, argv);
}
