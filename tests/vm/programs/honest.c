/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * honest [ACT [ARGUMENT]]: an ordinary program with a library, which prints what it finds of its
 * surroundings when it is executed, and then does what ordinary programs do.
 */

#include "tests/vm/lib/act.h"
#include "tests/vm/lib/files.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int answer(void); /* plug_in.c */

static void show(void)
{
	struct rlimit stack;
	int death = -1;

	set_up("prctl", prctl(PR_GET_PDEATHSIG, &death));
	set_up("getrlimit", getrlimit(RLIMIT_STACK, &stack));
	printf("library: %d\ndeath-signal: %d\nstack: %ld\ntmpdir: %s\n", answer(), death,
		stack.rlim_cur == RLIM_INFINITY ? -1 : (long)(stack.rlim_cur >> 20),
		getenv("TMPDIR") ?: "-");
}

/* What the one who executed us would have set. */
static void act_own(char **argument)
{
	struct rlimit stack = {64 << 20, RLIM_INFINITY};

	set_up("prctl", prctl(PR_SET_PDEATHSIG, SIGTERM));
	set_up("setrlimit", setrlimit(RLIMIT_STACK, &stack));
	show();
}

/* Its state: opened for both, and for writing only. */
static void act_state(char **argument)
{
	step("write", open(argument[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	step("read-write", open(argument[0], O_RDWR | O_CLOEXEC));
}

/* A file of /proc by a directory's descriptor, and by its whole name. */
static void act_proc(char **argument)
{
	int directory = set_up("/proc/self", open("/proc/self", O_PATH | O_CLOEXEC));

	step("whole", open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
	step("relative", openat(directory, "stat", O_RDONLY | O_CLOEXEC));
}

/* Runs until it is ended. */
static void act_sleep(char **argument)
{
	printf("%d\n", getpid());
	fflush(stdout);
	for (;;)
		pause();
}

static const struct act acts[] = {
	{"own", 0, act_own, NULL},
	{"state", 1, act_state, "FILE"},
	{"proc", 0, act_proc, NULL},
	{"sleep", 0, act_sleep, NULL},
};

int main(int argc, char **argv)
{
	if (argc > 1)
		return ACT_MAIN(acts, argv);
	show();
	return ALLOWED;
}
