/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Two processors at once: one changes what a decision of the other rests on. Each act goes on for
 * so many seconds, and says how often it asked and how often the answer was wrong.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"

#include <sched.h>
#include <signal.h>
#include <sys/xattr.h>
#include <time.h>

#define CLAIM "user.bpfsign"

/* From now on this process runs there, or on the only one. */
static void run_on(unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &set);
	set_up("a processor", sched_setaffinity(0, sizeof(set), &set));
}

/* Has this many seconds gone by since the first call? */
static int is_over(const char *seconds)
{
	static time_t begun;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!begun)
		begun = now.tv_sec;
	return now.tv_sec - begun >= atoi(seconds);
}

/* May FILE make a map? */
static int may(char *file)
{
	pid_t child = fork();

	if (child == 0) {
		int null = open_file("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		execl(file, file, "map-create", NULL);
		_exit(COULD_NOT_TRY);
	}
	int status = 0;
	need(child > 0 && waitpid(child, &status, 0) == child, "a child");
	if (WIFSIGNALED(status))
		return 0; /* the claim went in the middle of the exec, which then maps nothing */
	need(WEXITSTATUS(status) == ALLOWED || WEXITSTATUS(status) == REFUSED, file);
	return WEXITSTATUS(status) == ALLOWED;
}

/* Executes FILE on that processor, again and again, until we end. */
static pid_t execute(char *file, unsigned processor)
{
	pid_t child = set_up("fork", fork());

	if (child > 0)
		return child;
	run_on(processor);
	for (;;)
		may(file);
}

/*
 * FILE's claim is taken away and given back while the other processor verifies it. An exec that
 * begins when it is away is worth nothing, and one that begins when it is back is worth all.
 */
static void act_claim(char **argument)
{
	unsigned asked = 0, wrong = 0, lost = 0;
	char *file = argument[0], claim[8192];
	ssize_t size = getxattr(file, CLAIM, claim, sizeof(claim));
	pid_t rivals[2];

	need(size > 0, "its claim");
	for (unsigned i = 0; i < 2; i++)
		rivals[i] = execute(file, 1);
	run_on(0);
	do {
		set_up("removexattr", removexattr(file, CLAIM));
		wrong += may(file);
		set_up("setxattr", setxattr(file, CLAIM, claim, (size_t)size, 0));
		if (asked++ % 8 == 0)
			lost += !may(file);
		else
			usleep((useconds_t)random() % 32000);
	} while (!is_over(argument[1]));
	for (unsigned i = 0; i < 2; i++)
		kill(rivals[i], SIGKILL);
	printf("claim: asked %u wrong %u lost %u\n", asked, wrong, lost);
}

/* Asks to make a map, which is never granted where it runs. */
static void act_never(char **argument)
{
	unsigned asked = 0, wrong = 0;

	do {
		long map = new_array("", 0);
		need(map >= 0 || errno == EPERM, "a map");
		wrong += map >= 0;
		if (map >= 0)
			close((int)map);
		asked++;
	} while (!is_over(argument[0]));
	printf("never: asked %u wrong %u\n", asked, wrong);
}

static const struct act acts[] = {
	{"claim", 2, act_claim, "FILE SECONDS"},
	{"never", 1, act_never, "SECONDS"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
