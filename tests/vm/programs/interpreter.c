/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * interpreter ACT SCRIPT [ARGUMENT...]: an interpreter, for scripts whose first line names it and
 * an act: the way in which it comes to its lines. A line is a word, and makes a map of that name.
 *
 * interpreter PATH [LINE...]: as a rule of binfmt_misc executes it; the lines are the arguments,
 * but for those that are paths.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/uring.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

/* In static memory: a child that shares the memory can fill it. */
static char text[4096];

/* --- lines ---------------------------------------------------------------------------------- */

static void run_line(const char *line)
{
	step(line, new_array(line, 0));
}

/* Those of a script behind its first. */
static void run_text(void)
{
	char *rest, *line = strtok_r(text, "\n", &rest);

	errno = ENODATA;
	need(line != NULL, "the script is empty");
	while ((line = strtok_r(NULL, "\n", &rest)))
		run_line(line);
}

static void read_text(long file)
{
	if (file < 0)
		step("open", file);
	set_up("read", read((int)file, text, sizeof(text) - 1));
}

static void read_script(const char *path)
{
	read_text(open(path, O_RDONLY | O_CLOEXEC));
}

static void run_script(const char *path)
{
	read_script(path);
	run_text();
}

/* --- acts ----------------------------------------------------------------------------------- */

static void act_open(char **argument)
{
	run_script(argument[0]);
}

/* Looks for options behind the script's name too, as getopt(3) does: -e is a line. */
static void act_options(char **argument)
{
	int option, words = 0, lines = 0;

	while (argument[words])
		words++;
	while ((option = getopt(words + 1, argument - 1, "e:")) != -1) {
		need(option == 'e', "an option");
		run_line(optarg);
		lines++;
	}
	if (!lines) /* argument - 1 is the act, in the place of a program's name */
		run_script(argument[optind - 1]);
}

/* Makes the name absolute first, as Python does. */
static void act_absolute(char **argument)
{
	char path[8192], directory[4096];

	need(argument[0][0] != '/' && getcwd(directory, sizeof(directory)), argument[0]);
	snprintf(path, sizeof(path), "%s/%s", directory, argument[0]);
	run_script(path);
}

/* Follows links first, as Node.js does. */
static void act_resolved(char **argument)
{
	char path[4096];

	need(realpath(argument[0], path) != NULL, argument[0]);
	run_script(path);
}

/* The whole is left to a child, as a shell does with "( . SCRIPT )". */
static void act_fork(char **argument)
{
	pid_t child = fork();

	if (child == 0) {
		run_script(argument[0]);
		exit(ALLOWED);
	}
	exit(wait_for(child));
}

static int read_as_child(void *path)
{
	read_script(path);
	return ALLOWED;
}

/* A child reads into the memory that it shares with the parent, which goes on with it. */
static void act_vfork(char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status = wait_for(clone(read_as_child, stack + sizeof(stack),
		CLONE_VM | CLONE_VFORK | SIGCHLD, argument[0]));

	if (status != ALLOWED)
		exit(status);
	run_text();
}

static void *read_as_thread(void *path)
{
	read_script(path);
	return NULL;
}

/* Another thread reads. */
static void act_thread(char **argument)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, read_as_thread, argument[0]) == 0, "pthread_create");
	need(pthread_join(thread, NULL) == 0, "pthread_join");
	run_text();
}

/* A worker of an io_uring opens. */
static void act_worker(char **argument)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT, .flags = IOSQE_ASYNC, .fd = AT_FDCWD};

	request.addr = pointer(argument[0]);
	request.open_flags = O_RDONLY | O_CLOEXEC;
	read_text(uring_do(&request));
	run_text();
}

/* Executes the file that the next argument names, which fails; then it opens the script. */
static void act_failed(char **argument)
{
	char *words[] = {argument[1], NULL};

	need(argument[1] != NULL, "a file to execute");
	execv(argument[1], words);
	printf("exec: %s\n", strerrorname_np(errno));
	run_script(argument[0]);
}

/* Asks the kernel whether that file may be executed, since 6.14; then it opens the script. */
static void act_asked(char **argument)
{
	char *words[] = {argument[1], NULL};

	need(argument[1] != NULL, "a file to ask about");
	report("check", syscall(SYS_execveat, AT_FDCWD, argument[1], words, NULL, AT_EXECVE_CHECK));
	run_script(argument[0]);
}

static const struct act acts[] = {
	{"open", 1, act_open, "SCRIPT"},
	{"options", 1, act_options, "SCRIPT [-e LINE]..."},
	{"absolute", 1, act_absolute, "SCRIPT"},
	{"resolved", 1, act_resolved, "SCRIPT"},
	{"fork", 1, act_fork, "SCRIPT"},
	{"vfork", 1, act_vfork, "SCRIPT"},
	{"thread", 1, act_thread, "SCRIPT"},
	{"worker", 1, act_worker, "SCRIPT"},
	{"failed", 2, act_failed, "SCRIPT FILE"},
	{"asked", 2, act_asked, "SCRIPT FILE"},
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || !strchr(argv[1], '/'))
		return ACT_MAIN(acts, argv);
	for (char **line = argv + 2; *line; line++)
		if (!strchr(*line, '/'))
			run_line(*line);
	return ALLOWED;
}
