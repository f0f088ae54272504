/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * nameless: does what each line of standard input says, "0 ACT [WORD...]", and answers one line for
 * each, as loop does: makes pipes and memory that have no name, and uses them later.
 */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/shared_memory.h"

#include <fcntl.h>
#include <stdarg.h>

static const char *act_name;
static int ends[2] = {-1, -1}; /* of the pipe */
static int memory_file = -1, segment = -1;
static volatile int *value;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list arguments;

	printf("0 %s: ", act_name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
}

static void say_result(long r)
{
	say("%s", r >= 0 ? "allowed" : strerrorname_np(errno));
}

static void act_tid(const char *word)
{
	say("%d", getpid());
}

/* --- pipes ---------------------------------------------------------------------------------- */

static void act_pipe(const char *word)
{
	set_up("pipe", pipe2(ends, O_NONBLOCK));
	say("%d %d %d", getpid(), ends[0], ends[1]);
}

/* What is in the pipe: the first number of it. */
static void act_take(const char *word)
{
	int number = 42;

	if (read(ends[0], &number, sizeof(number)) < 0 && errno != EAGAIN)
		return say_result(-1);
	say("%d", number);
}

/* By its own /proc/self/fd. */
static void act_own(const char *word)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	say_result(file);
	if (file >= 0)
		close(file);
}

/* A shell that has the end of a pipe as its standard output opens it by that name. */
static void act_child(const char *word)
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
	say("%s", heard);
}

/* --- memory --------------------------------------------------------------------------------- */

/* Makes it and writes 42 there. It is not mapped. */
static void act_memfd(const char *word)
{
	const int good = 42;

	memory_file = set_up("memfd_create", memfd_create("nameless", MFD_CLOEXEC));
	need(pwrite(memory_file, &good, sizeof(good), PAGE - sizeof(good)) > 0, "pwrite");
	need(pwrite(memory_file, &good, sizeof(good), 0) > 0, "pwrite");
	say("%d %d", getpid(), memory_file);
}

/* Maps it, "shared" or "private". */
static void act_map(const char *word)
{
	int flags = strcmp(word, "private") == 0 ? MAP_PRIVATE : MAP_SHARED;
	void *memory = mmap(NULL, PAGE, PROT_READ, flags, memory_file, 0);

	value = memory;
	say_result(memory == MAP_FAILED ? -1 : 0);
}

static void act_segment(const char *word)
{
	segment = set_up("shmget", shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600));
	say("%d %d", getpid(), segment);
}

static void act_attach(const char *word)
{
	void *memory = shmat(segment, NULL, 0);

	value = memory;
	shmctl(segment, IPC_RMID, NULL);
	say_result(memory == (void *)-1 ? -1 : 0);
}

static void act_anonymous(const char *word)
{
	void *memory = map_shared(-1, MAP_ANONYMOUS);

	value = memory;
	say("%d %lx-%lx", getpid(), (unsigned long)value, (unsigned long)value + PAGE);
}

static void act_value(const char *word)
{
	say("%d", *value);
}

/* --- lines ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(const char *word);
} acts[] = {
	{"tid", act_tid},
	{"pipe", act_pipe},
	{"take", act_take},
	{"own", act_own},
	{"child", act_child},
	{"memfd", act_memfd},
	{"map", act_map},
	{"segment", act_segment},
	{"attach", act_attach},
	{"anonymous", act_anonymous},
	{"value", act_value},
};

int main(void)
{
	char line[256], name[64], word[64];

	while (fgets(line, sizeof(line), stdin)) {
		word[0] = '\0';
		need(sscanf(line, "0 %63s %63s", name, word) >= 1, "a line is 0 ACT [WORD]");
		act_name = name;
		for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
			if (strcmp(acts[i].name, name) == 0)
				acts[i].run(word);
	}
	return ALLOWED;
}
