/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * mounts move FROM TO | mount PATH | remount PATH | pivot NEW OLD | detach PATH: one act with the
 * system calls that mount(8) of Debian 12 does not use; output and exit status as step.h says.
 */

#include "tests/vm/lib/step.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

static int is(const char *word, char **argv, int argc, int n)
{
	return argc == n && strcmp(argv[1], word) == 0;
}

static int open_tree_at(const char *path)
{
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLOEXEC);

	if (fd < 0)
		could_not_try(path);
	return fd;
}

/* A new tmpfs, by move_mount(2). */
static long mount_new(const char *path)
{
	int context = fsopen("tmpfs", 0);

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		could_not_try("fsopen");
	int fd = fsmount(context, 0, 0);
	if (fd < 0)
		could_not_try("fsmount");
	return move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static long reconfigure(const char *path)
{
	int context = fspick(AT_FDCWD, path, 0);

	if (context < 0)
		could_not_try("fspick");
	return fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

int main(int argc, char **argv)
{
	if (is("move", argv, argc, 4))
		step("move", move_mount(open_tree_at(argv[2]), "", AT_FDCWD, argv[3],
				     MOVE_MOUNT_F_EMPTY_PATH));
	else if (is("mount", argv, argc, 3))
		step("mount", mount_new(argv[2]));
	else if (is("remount", argv, argc, 3))
		step("remount", reconfigure(argv[2]));
	else if (is("pivot", argv, argc, 4))
		step("pivot", syscall(SYS_pivot_root, argv[2], argv[3]));
	else if (is("detach", argv, argc, 3))
		step("detach", umount2(argv[2], MNT_DETACH));
	else
		could_not_try("arguments");
	return 0;
}
