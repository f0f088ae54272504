/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * nameless: does what each line of standard input says, "0 ACT [WORD...]", and answers one line for
 * each, as loop does: makes pipes and memory that have no name, and uses them later.
 */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/shared_memory.h"
#include "tests/vm/lib/told.h"

#include <fcntl.h>

static int ends[2] = {-1, -1}; /* of the pipe */
static int memory_file = -1, segment = -1;
static volatile int *value;

static int act_tid(char **word)
{
	return say("%d", getpid());
}

/* --- pipes ---------------------------------------------------------------------------------- */

static int act_pipe(char **word)
{
	set_up("pipe", pipe2(ends, O_NONBLOCK));
	return say("%d %d %d", getpid(), ends[0], ends[1]);
}

/* Reads the first number that is in the pipe. */
static int act_take(char **word)
{
	int number = 42;

	if (read(ends[0], &number, sizeof(number)) < 0 && errno != EAGAIN)
		return say_result(-1);
	return say("%d", number);
}

/* By its own /proc/self/fd. */
static int act_own(char **word)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	int status = say_result(file);
	if (file >= 0)
		close(file);
	return status;
}

/* A shell that has the end of a pipe as its standard output opens it by that name. */
static int act_child(char **word)
{
	char heard[64] = "nothing";
	int pipe_ends[2];

	set_up("pipe", pipe2(pipe_ends, O_CLOEXEC));
	pid_t child = set_up("fork", fork());
	if (child == 0) {
		dup2(pipe_ends[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", "echo heard >/dev/stdout", NULL);
		_exit(COULD_NOT_TRY);
	}
	close(pipe_ends[1]);
	ssize_t n = read(pipe_ends[0], heard, sizeof(heard) - 1);
	close(pipe_ends[0]);
	waitpid(child, NULL, 0);
	if (n > 0)
		heard[n] = '\0';
	heard[strcspn(heard, "\n")] = '\0';
	return say("%s", heard);
}

/* --- memory --------------------------------------------------------------------------------- */

/* Makes it and writes 42 there. It is not mapped. */
static int act_memfd(char **word)
{
	const int good = 42;

	memory_file = set_up("memfd_create", memfd_create("nameless", MFD_CLOEXEC));
	need(pwrite(memory_file, &good, sizeof(good), PAGE - sizeof(good)) > 0, "pwrite");
	need(pwrite(memory_file, &good, sizeof(good), 0) > 0, "pwrite");
	return say("%d %d", getpid(), memory_file);
}

/* Maps it, "shared" or "private". */
static int act_map(char **word)
{
	int flags = strcmp(word[0], "private") == 0 ? MAP_PRIVATE : MAP_SHARED;
	void *memory = mmap(NULL, PAGE, PROT_READ, flags, memory_file, 0);

	value = memory;
	return say_result(memory == MAP_FAILED ? -1 : 0);
}

static int act_segment(char **word)
{
	segment = set_up("shmget", shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600));
	return say("%d %d", getpid(), segment);
}

static int act_attach(char **word)
{
	void *memory = shmat(segment, NULL, 0);

	value = memory;
	shmctl(segment, IPC_RMID, NULL);
	return say_result(memory == (void *)-1 ? -1 : 0);
}

static int act_anonymous(char **word)
{
	void *memory = map_shared(-1, MAP_ANONYMOUS);

	value = memory;
	return say("%d %lx-%lx", getpid(), (unsigned long)value, (unsigned long)value + PAGE);
}

static int act_value(char **word)
{
	return say("%d", *value);
}

/* --- lines ---------------------------------------------------------------------------------- */

static const struct told acts[] = {
	{"tid", 0, act_tid},
	{"pipe", 0, act_pipe},
	{"take", 0, act_take},
	{"own", 0, act_own},
	{"child", 0, act_child},
	{"memfd", 0, act_memfd},
	{"map", 1, act_map},
	{"segment", 0, act_segment},
	{"attach", 0, act_attach},
	{"anonymous", 0, act_anonymous},
	{"value", 0, act_value},
};

int main(void)
{
	static char line[256];
	char *words[TOLD_WORDS + 1];

	while (fgets(line, sizeof(line), stdin)) {
		cut_line(line, words);
		DO_TOLD(acts, words);
	}
	return ALLOWED;
}
