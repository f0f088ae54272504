/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * held_exec FILE [ARGUMENT...]: executes FILE and holds the kernel in the middle of that exec: it
 * has read the header, the hooks have seen the file, and it asks for the program headers. Says
 * "held" then, and goes on when there is FILE.go. The exit status is that of the program; "killed":
 * the exec failed when it could not go back.
 */

#include "tests/vm/lib/hold.h"

int main(int argc, char **argv)
{
	struct hold hold;
	int status;

	errno = EINVAL;
	need(argc > 1, "usage: held_exec FILE [ARGUMENT...]");
	hold_begin(&hold, argv[1], FAN_ACCESS_PERM);
	pid_t child = fork();
	if (child == 0) {
		execv(argv[1], argv + 1);
		could_not_try(argv[1]);
	}
	hold_await(&hold);
	hold_answer(&hold);
	hold_await(&hold);
	hold_last(&hold);
	printf("held\n");
	fflush(stdout);
	await_go(argv[1]);
	hold_answer(&hold);
	close(hold.fan);
	need(waitpid(child, &status, 0) == child, "waitpid");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("killed\n");
	return REFUSED;
}
