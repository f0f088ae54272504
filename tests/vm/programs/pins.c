/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Acts on a pin, or on a directory of pins, each by its system call. */

#include "tests/vm/lib/bpf.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static void act_unlink(char **argument)
{
	step("unlink", unlink(argument[0]));
}

static void act_rmdir(char **argument)
{
	step("rmdir", rmdir(argument[0]));
}

static void act_mkdir(char **argument)
{
	step("mkdir", mkdir(argument[0], 0700));
}

static void act_rename(char **argument)
{
	step("rename", rename(argument[0], argument[1]));
}

static void act_exchange(char **argument)
{
	step("exchange", renameat2(AT_FDCWD, argument[0], AT_FDCWD, argument[1], RENAME_EXCHANGE));
}

static void act_link(char **argument)
{
	step("link", link(argument[0], argument[1]));
}

static void act_symlink(char **argument)
{
	step("symlink", symlink("/nowhere", argument[0]));
}

static void act_chmod(char **argument)
{
	step("chmod", chmod(argument[0], 0777));
}

static void act_chown(char **argument)
{
	step("chown", chown(argument[0], 1, 1));
}

static void act_utimes(char **argument)
{
	step("utimes", utimensat(AT_FDCWD, argument[0], NULL, 0));
}

static void act_truncate(char **argument)
{
	step("truncate", truncate(argument[0], 0));
}

static void act_setxattr(char **argument)
{
	step("setxattr", setxattr(argument[0], argument[1], "x", 1, 0));
}

/* A process that may make no map has nothing to pin. */
static void act_pin(char **argument)
{
	int map = set_up("a map to pin", create(BPF_MAP_TYPE_ARRAY, "pinned", 0, 0));

	step("pin", pin(map, argument[0]));
}

static const struct act acts[] = {
	{"unlink", 1, act_unlink, "PATH"},
	{"rmdir", 1, act_rmdir, "PATH"},
	{"mkdir", 1, act_mkdir, "PATH"},
	{"rename", 2, act_rename, "PATH TO"},
	{"exchange", 2, act_exchange, "PATH TO"},
	{"link", 2, act_link, "PATH TO"},
	{"symlink", 1, act_symlink, "PATH"},
	{"chmod", 1, act_chmod, "PATH"},
	{"chown", 1, act_chown, "PATH"},
	{"utimes", 1, act_utimes, "PATH"},
	{"truncate", 1, act_truncate, "PATH"},
	{"setxattr", 2, act_setxattr, "PATH NAME"},
	{"pin", 1, act_pin, "PATH"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
