/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * truncates HOW PATH: empties memory that /proc/PID/fd or /proc/PID/map_files shows, and makes it
 * large again.
 */

#include "tests/vm/lib/files.h"

static void emptied(const char *path)
{
	step("empty", truncate(path, 0));
	step("grow", truncate(path, 4096));
}

static void act_named(char **argument)
{
	emptied(argument[0]);
}

static void act_opened(char **argument)
{
	step("empty", open(argument[0], O_RDONLY | O_TRUNC | O_CLOEXEC));
	step("grow", truncate(argument[0], 4096));
}

/* By a descriptor of her own, which was a look. */
static void by_own(const char *path, int flags)
{
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d", step("look", open(path, flags | O_CLOEXEC)));
	emptied(own);
}

static void act_looked(char **argument)
{
	by_own(argument[0], O_RDONLY);
}

static void act_pointed(char **argument)
{
	by_own(argument[0], O_PATH);
}

/* The mode of a file of the kernel's. */
static void act_mode(char **argument)
{
	step("mode", chmod(argument[0], 0444));
}

static const struct act acts[] = {
	{"named", 1, act_named, "PATH"},
	{"opened", 1, act_opened, "PATH"},
	{"looked", 1, act_looked, "PATH"},
	{"pointed", 1, act_pointed, "PATH"},
	{"mode", 1, act_mode, "PATH"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
