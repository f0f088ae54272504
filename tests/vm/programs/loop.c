/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * loop [LINE...]: does what each line of standard input says, or its arguments as one line:
 * "THREAD ACT [WORD...]". Threads are made when they are first named; 0 is the first one. An act
 * answers one line that begins with "THREAD ACT:". What the acts leave is the process's: a function
 * that one thread has mapped is run by another. Linked to shared libraries, as most programs are.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/shared_memory.h"
#include "tests/vm/lib/told.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define THREADS 8

static struct worker {
	pthread_t thread;
	sem_t go, done;
	char **words; /* of the line; NULL: reads the lines from now on */
	int exists;
} workers[THREADS];

static void read_lines(void);
static int do_line(char **words);

/* --- code ----------------------------------------------------------------------------------- */

static void *function; /* what was mapped last */

/* Maps a file that begins with a function ("code make FILE"). */
static int act_code(char **word)
{
	int file = open(word[0], O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return say_could_not(word[0]);
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
	int e = errno;
	close(file);
	if (memory != MAP_FAILED)
		function = memory;
	errno = e;
	return say_result(memory == MAP_FAILED ? -1 : 0);
}

static int act_jit(char **word)
{
	static const uint8_t bytes[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
	void *memory = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return say_result(-1);
	function = memcpy(memory, bytes, sizeof(bytes));
	return say_result(0);
}

static int act_run(char **word)
{
	int (*run)(void);

	if (!function)
		return say("nothing is mapped");
	memcpy(&run, &function, sizeof(run));
	return say("%d", run());
}

/* Of a loader that could not map a file nobody learns errno. */
static int say_not_loaded(const char *why)
{
	if (strstr(why, "failed to map segment from shared object"))
		return say("not mapped");
	errno = EPERM;
	return strstr(why, strerror(EPERM)) ? say_result(-1) : say("failed: %s", why);
}

/* A plug-in: its constructors run; its answer() may be missing. */
static int act_load(char **word)
{
	int (*run)(void);
	void *library = dlopen(word[0], RTLD_NOW);

	if (!library)
		return say_not_loaded(dlerror());
	void *symbol = dlsym(library, "answer");
	memcpy(&run, &symbol, sizeof(run));
	return symbol ? say("%d", run()) : say_result(0);
}

/* --- files and BPF -------------------------------------------------------------------------- */

static char content[256]; /* the first line of what was read last */

static int act_read(char **word)
{
	int file = open(word[0], O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return say_result(-1);
	ssize_t n = read(file, content, sizeof(content) - 1);
	close(file);
	if (n < 0)
		return say_could_not(word[0]);
	content[n] = '\0';
	content[strcspn(content, "\n")] = '\0';
	return say_result(0);
}

static int act_content(char **word)
{
	return say("%s", content);
}

static int act_map(char **word)
{
	long map = new_array("looped", 0);
	int e = errno;

	if (map >= 0)
		close((int)map);
	errno = e;
	return say_result(map);
}

static int act_fork(char **word)
{
	pid_t child = fork();

	if (child == 0)
		_exit(act_map(word));
	return child < 0 ? say_could_not("fork") : wait_for(child);
}

/* --- memory that others may write ----------------------------------------------------------- */

static int own_value = 42;
static int *value = &own_value;

static int act_value(char **word)
{
	return say("%d", *value);
}

static int act_address(char **word)
{
	return say("%d %lu", getpid(), (unsigned long)value);
}

/* Writes 13 there, which is in the memory of PID. */
static int act_poke(char **word)
{
	int evil = 13;
	struct iovec here = {&evil, sizeof(evil)};
	struct iovec there = {(void *)strtoul(word[1], NULL, 0), sizeof(evil)};

	return say_result(process_vm_writev(atoi(word[0]), &here, 1, &there, 1, 0));
}

static int share_file(int file)
{
	int *memory = file < 0 || ftruncate(file, PAGE) < 0 ? NULL : map_shared(file, 0);

	if (!memory)
		return say_could_not("a shared mapping");
	value = memory;
	return say("%d %d", getpid(), file);
}

static int share_segment(void)
{
	int id, *memory = make_segment(&id);

	if (!memory)
		return say_could_not("a segment");
	value = memory;
	return say("%d %d", getpid(), id);
}

static int share_anonymous(void)
{
	int *memory = map_shared(-1, MAP_ANONYMOUS);

	if (!memory)
		return say_could_not("a shared mapping");
	value = memory;
	return say("%d %lx-%lx", getpid(), (unsigned long)value, (unsigned long)value + PAGE);
}

/* Moves the value into memory of that kind; says by what others find it. */
static int act_share(char **word)
{
	if (strcmp(word[0], "memfd") == 0)
		return share_file(memfd_create("shared", MFD_CLOEXEC));
	if (strcmp(word[0], "segment") == 0)
		return share_segment();
	if (strcmp(word[0], "anonymous") == 0)
		return share_anonymous();
	return share_file(open(word[0], O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

/* --- threads -------------------------------------------------------------------------------- */

static void *work(void *argument)
{
	struct worker *worker = argument;

	self = worker - workers;
	for (;;) {
		sem_wait(&worker->go);
		if (!worker->words) {
			read_lines();
			exit(ALLOWED);
		}
		do_line(worker->words);
		sem_post(&worker->done);
	}
	return NULL;
}

static struct worker *worker_of(long number)
{
	errno = EINVAL;
	need(number >= 0 && number < THREADS, "the number of a thread");
	struct worker *worker = &workers[number];
	if (worker->exists)
		return worker;
	worker->exists = 1;
	sem_init(&worker->go, 0, 0);
	sem_init(&worker->done, 0, 0);
	errno = pthread_create(&worker->thread, NULL, work, worker);
	need(errno == 0, "pthread_create");
	return worker;
}

static int act_tid(char **word)
{
	return say("%d", gettid());
}

/* Makes a thread, as its creator. */
static int act_spawn(char **word)
{
	worker_of(atol(word[0]));
	return say_result(0);
}

/* pthread_exit() needs another library, which nobody may have signed. */
_Noreturn static void end_thread(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}

static int act_quit(char **word)
{
	say_result(0);
	sem_post(&workers[self].done);
	end_thread();
}

/* Ends the thread that reads the lines; another one reads on. */
static int act_end(char **word)
{
	struct worker *next = worker_of(atol(word[0]));

	say_result(0);
	next->words = NULL;
	sem_post(&next->go);
	end_thread();
}

static int run_later(void *words)
{
	char **word = words;

	self = 0;
	await_file(word[0]);
	_exit(do_line(word));
}

/*
 * A child that shares the memory, as one of vfork(2)'s before its exec. When GO is there it does
 * ACT [WORD...], and answers as the first thread.
 */
static int act_vfork(char **word)
{
	static char stack[64 << 10] __attribute__((aligned(16)));
	static char *words[TOLD_WORDS + 1];

	for (int i = 0; word[i]; i++)
		words[i] = strdup(word[i]);
	pid_t child = clone(run_later, stack + sizeof(stack), CLONE_VM | SIGCHLD, words);
	return child < 0 ? say_could_not("clone") : say("%d", child);
}

static int act_exec(char **word)
{
	execv(word[0], word);
	return say_could_not(word[0]);
}

/* --- lines ---------------------------------------------------------------------------------- */

static const struct told acts[] = {
	{"code", 1, act_code},
	{"jit", 0, act_jit},
	{"run", 0, act_run},
	{"load", 1, act_load},
	{"read", 1, act_read},
	{"content", 0, act_content},
	{"map", 0, act_map},
	{"fork", 0, act_fork},
	{"value", 0, act_value},
	{"address", 0, act_address},
	{"poke", 2, act_poke},
	{"share", 1, act_share},
	{"tid", 0, act_tid},
	{"spawn", 1, act_spawn},
	{"quit", 0, act_quit},
	{"end", 1, act_end},
	{"vfork", 2, act_vfork},
	{"exec", 1, act_exec},
};

/* words: of a line that is for this thread. */
static int do_line(char **words)
{
	return DO_TOLD(acts, words);
}

/* The same in the thread that it is for. */
static int pass_line(char **words)
{
	long number = atol(words[0]);

	if (number == self)
		return do_line(words);
	struct worker *worker = worker_of(number);
	worker->words = words;
	sem_post(&worker->go);
	sem_wait(&worker->done);
	return ALLOWED;
}

static void read_lines(void)
{
	static char line[4096];
	char *words[TOLD_WORDS + 1];

	while (fgets(line, sizeof(line), stdin)) {
		cut_line(line, words);
		pass_line(words);
	}
}

int main(int argc, char **argv)
{
	workers[0].exists = 1;
	if (argc > 2)
		return do_line(argv + 1);
	read_lines();
	return ALLOWED;
}
