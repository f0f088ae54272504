/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * main() of bpfsign-hook: a command for each package manager, which differ in how they say what
 * changed.
 */

#include "src/bpfsign-hook/bpfsign-hook.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/command/arguments.h"
#include "src/sets/sets.h"

static const struct option_spec hook_options[] = {
	{"root", 0, "DIR", "of the system below DIR"},
	{0},
};

void hook_done(struct hook *hook)
{
	for (size_t i = 0; i < hook->n_changed; i++)
		free(hook->changed[i]);
	free(hook->changed);
	unsigned_done(&hook->failures);
	unsigned_done(&hook->good);
	unsigned_done(&hook->before);
	*hook = (struct hook){0};
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_changed(struct hook *hook, const char *path)
{
	char *copy = strdup(path + strspn(path, "/"));
	char **grown = reallocarray(hook->changed, hook->n_changed + 1, sizeof(*grown));

	if (grown)
		hook->changed = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	hook->changed[hook->n_changed++] = copy;
	return 0;
}

int hook_read_changed(struct hook *hook, char end)
{
	char *path = NULL;
	size_t size = 0;
	int r = 0;

	for (ssize_t n; r == 0 && (n = getdelim(&path, &size, end, stdin)) > 0;) {
		if (path[n - 1] == end)
			path[n - 1] = 0;
		r = *path ? add_changed(hook, path) : 0;
	}
	free(path);
	qsort(hook->changed, hook->n_changed, sizeof(*hook->changed), by_bytes);
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

bool hook_is_set_up(const struct hook *hook)
{
	_cleanup_anchors_ struct anchors anchors = {0};

	if (anchors_load(&anchors, NULL) < 0 || anchors.n > 0)
		return true; /* one that cannot be read is told */
	return !hook->is_image && has_sets();
}

static int parse(struct hook *hook, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	hook->root = "";
	hook->manager = command->name;
	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		hook->root = strcmp(argument, "/") == 0 ? "" : argument;
	int status = arguments_end(option);
	if (status >= 0)
		return status;
	if (*hook->root && anchors_use_root(hook->root) < 0)
		return log_error_errno(-ENOMEM, "can't look into '%s'", hook->root), EXIT_UNKNOWN;
	hook->is_image = *hook->root || is_in_chroot();
	return -1;
}

/* Nothing that goes wrong here ends a transaction. */
static int run(struct hook *hook)
{
	if (!hook_is_set_up(hook))
		return EXIT_YES;
	unsigned_load(hook->root, &hook->before);
	if (!hook_is_concerned(hook) && (hook->is_image || !has_sets()))
		return EXIT_YES;
	hook_manifests(hook);
	if (!hook->is_image)
		hook_sets(hook);
	hook_agree(hook);
	if (!hook->is_image)
		hook_restore_init(hook);
	hook_report(hook);
	return EXIT_YES;
}

static int hook_all(const struct command *command, int argc, char **argv)
{
	_cleanup_(hook_done) struct hook hook = {.everything = true};
	int status = parse(&hook, command, argc, argv);

	return status >= 0 ? status : run(&hook);
}

static int hook_paths(const struct command *command, int argc, char **argv, char end)
{
	_cleanup_(hook_done) struct hook hook = {0};
	int status = parse(&hook, command, argc, argv);

	if (status < 0)
		status = arguments_count(command, argc, 0, 0);
	if (status >= 0)
		return status;
	if (hook_read_changed(&hook, end) < 0)
		hook.everything = true;
	return run(&hook);
}

static int hook_rpm(const struct command *command, int argc, char **argv)
{
	return hook_paths(command, argc, argv, '\0');
}

static int hook_alpm(const struct command *command, int argc, char **argv)
{
	return hook_paths(command, argc, argv, '\n');
}

static const struct command commands[] = {
	{"dpkg", "[TRIGGER…]", "after a run of dpkg, which names directories", hook_options,
		hook_all},
	{"rpm", "", "after a transaction of rpm: paths ended by NUL on standard input",
		hook_options, hook_rpm},
	{"alpm", "", "after a transaction of pacman: a path in each line of standard input",
		hook_options, hook_alpm},
	{"boot", "", "what the building of this image left to do", hook_options, hook_all},
	{0},
};

int main(int argc, char **argv)
{
	return command_main(
		commands, "Signs what packages brought, for package managers.", argc, argv);
}
