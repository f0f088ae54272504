/* SPDX-License-Identifier: GPL-2.0-or-later */

/* mounts ACT ARGUMENT...: acts on mounts by the system calls that mount(8) of Debian 12 lacks. */

#include "tests/vm/lib/files.h"

#include <sys/mount.h>
#include <sys/syscall.h>

static void act_move(char **argument)
{
	int tree = set_up(argument[0], open_tree(AT_FDCWD, argument[0], OPEN_TREE_CLOEXEC));

	step("move", move_mount(tree, "", AT_FDCWD, argument[1], MOVE_MOUNT_F_EMPTY_PATH));
}

/* A copy of the mount FROM over TO. */
static void act_copy(char **argument)
{
	int tree = set_up(
		argument[0], open_tree(AT_FDCWD, argument[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));

	step("copy", move_mount(tree, "", AT_FDCWD, argument[1], MOVE_MOUNT_F_EMPTY_PATH));
}

/* A new tmpfs, by move_mount(2). */
static void act_mount(char **argument)
{
	int context = set_up("fsopen", fsopen("tmpfs", 0));

	set_up("fsconfig", fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	int fd = set_up("fsmount", fsmount(context, 0, 0));
	step("mount", move_mount(fd, "", AT_FDCWD, argument[0], MOVE_MOUNT_F_EMPTY_PATH));
}

static void act_remount(char **argument)
{
	int context = set_up("fspick", fspick(AT_FDCWD, argument[0], 0));

	step("remount", fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

static void act_pivot(char **argument)
{
	step("pivot", syscall(SYS_pivot_root, argument[0], argument[1]));
}

static void act_detach(char **argument)
{
	step("detach", umount2(argument[0], MNT_DETACH));
}

/* Executes PATH in a copy of the mount TREE that is attached nowhere. */
static void act_execute(char **argument)
{
	int tree = set_up(
		argument[0], open_tree(AT_FDCWD, argument[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));

	execveat(tree, argument[1], argument + 1, environ, 0);
	could_not_try(argument[1]);
}

static const struct act acts[] = {
	{"move", 2, act_move, "FROM TO"},
	{"copy", 2, act_copy, "FROM TO"},
	{"mount", 1, act_mount, "PATH"},
	{"remount", 1, act_remount, "PATH"},
	{"pivot", 2, act_pivot, "NEW OLD"},
	{"detach", 1, act_detach, "PATH"},
	{"execute", 2, act_execute, "TREE PATH [ARGUMENT...]"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
