/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A script is exchanged in the middle of its exec: the kernel has opened it, and is held at the
 * opening of its INTERPRETER (a FAN_OPEN_EXEC_PERM mark), which opens the script once more.
 */

#include "tests/vm/lib/hold.h"

#include <sched.h>
#include <signal.h>

/* LINK leads to FILE in one step. */
static void lead(const char *link, const char *file)
{
	char other[4096];

	snprintf(other, sizeof(other), "%s.new", link);
	unlink(other);
	set_up(other, symlink(file, other));
	set_up(link, rename(other, link));
}

static void let_go(struct hold *hold)
{
	hold_last(hold);
	hold_answer(hold);
	close(hold->fan);
}

/* Executes the command, while LINK comes to lead to FILE. */
static void act_link(char **argument)
{
	struct hold hold;

	hold_begin(&hold, argument[0], FAN_OPEN_EXEC_PERM);
	pid_t child = fork();
	if (child == 0) {
		execv(argument[3], argument + 3);
		could_not_try(argument[3]);
	}
	hold_await(&hold);
	lead(argument[1], argument[2]);
	let_go(&hold);
	exit(wait_for(child));
}

/* --- by a descriptor ------------------------------------------------------------------------ */

/* Of a file that is executed by it: stays open, as the interpreter needs it. */
static int script;

static int execute(void *words)
{
	execveat(script, "", words, environ, AT_EMPTY_PATH);
	could_not_try("execveat");
}

/* Executes FILE by a descriptor of it. */
static void act_execute(char **argument)
{
	script = set_up(argument[0], open(argument[0], O_RDONLY));
	execute(argument);
}

/*
 * Executes SCRIPT by a descriptor, which comes to be one of FILE: the table of descriptors is
 * another process's too until begin_new_exec().
 */
static void act_descriptor(char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct hold hold;
	int file = open_file(argument[2], O_RDONLY);

	script = set_up(argument[1], open(argument[1], O_RDONLY));
	hold_begin(&hold, argument[0], FAN_OPEN_EXEC_PERM);
	pid_t child = set_up("clone",
		clone(execute, stack + sizeof(stack), CLONE_FILES | SIGCHLD, argument + 1));
	hold_await(&hold);
	set_up("dup2", dup2(file, script));
	let_go(&hold);
	exit(wait_for(child));
}

static const struct act acts[] = {
	{"link", 4, act_link, "INTERPRETER LINK FILE COMMAND..."},
	{"execute", 1, act_execute, "FILE [ARGUMENT...]"},
	{"descriptor", 3, act_descriptor, "INTERPRETER SCRIPT FILE"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
