/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * overlay_hold open|read OVERLAY LOWER COMMAND...: a chmod copies OVERLAY up; when the kernel opens
 * LOWER for that, or reads from it, it is held by a fanotify permission event while COMMAND runs.
 * Prints "overlay_hold: held" when that moment came. The exit status is that of COMMAND.
 */

#include "tests/vm/lib/hold.h"

static int run_command(char **command)
{
	pid_t child = fork();

	if (child == 0) {
		execvp(command[0], command);
		could_not_try(command[0]);
	}
	return wait_for(child);
}

int main(int argc, char **argv)
{
	struct hold hold;

	errno = EINVAL;
	need(argc > 4, "usage: overlay_hold open|read OVERLAY LOWER COMMAND...");
	hold_begin(&hold, argv[3], strcmp(argv[1], "open") == 0 ? FAN_OPEN_PERM : FAN_ACCESS_PERM);
	pid_t child = fork();
	if (child == 0) {
		set_up("the copy-up", chmod(argv[2], 0600));
		_exit(ALLOWED);
	}
	hold_await(&hold);
	hold_last(&hold);
	printf("overlay_hold: held\n");
	fflush(stdout);
	int result = run_command(argv + 4);
	hold_answer(&hold);
	return wait_for(child) == ALLOWED ? result : COULD_NOT_TRY;
}
