/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * overlay_hold open|read OVERLAY LOWER COMMAND...: has OVERLAY copied up by a chmod, and when the
 * kernel opens LOWER for that, or reads from it, which a fanotify permission event announces, runs
 * COMMAND before it goes on. "overlay_hold: held" when it was so. Exit status: that of COMMAND.
 */

#include "tests/vm/lib/attack.h"

#include <sys/fanotify.h>

static int run(char **command)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execvp(command[0], command);
		_exit(COULD_NOT_TRY);
	}
	need(child > 0 && waitpid(child, &status, 0) == child, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : KERNEL_REFUSED;
}

int main(int argc, char **argv)
{
	struct fanotify_event_metadata event;
	int result = COULD_NOT_TRY,
	    fan = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);

	need(argc > 4, "usage: overlay_hold open|read OVERLAY LOWER COMMAND...");
	uint64_t moment = strcmp(argv[1], "open") == 0 ? FAN_OPEN_PERM : FAN_ACCESS_PERM;
	need(fan >= 0, "fanotify_init");
	need(fanotify_mark(fan, FAN_MARK_ADD, moment, AT_FDCWD, argv[3]) == 0, "fanotify_mark");
	pid_t child = fork();
	if (child == 0)
		_exit(chmod(argv[2], 0600) < 0);
	alarm(60);
	need(read(fan, &event, sizeof(event)) == sizeof(event), "no event");
	need(fanotify_mark(fan, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL) == 0, "flush");
	printf("overlay_hold: held\n");
	fflush(stdout);
	result = run(argv + 4);
	struct fanotify_response response = {event.fd, FAN_ALLOW};
	need(write(fan, &response, sizeof(response)) == sizeof(response), "answer");
	need(waitpid(child, NULL, 0) == child, "waitpid");
	return result;
}
