/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * code [then-map] [thread|shared-memory] ACT [FILE]: every way to get executable memory, and to run
 * a function in it that returns 42; output and exit status as step.h says. FILE begins with that
 * function in each of its two pages, and says at ENTRY where it is entered: "code make FILE" writes
 * it. At OTHER_DOOR it returns 13, where nobody is to enter it.
 */

#include "tests/vm/lib/step.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define PAGE       4096
#define EXECUTABLE (PROT_READ | PROT_EXEC)
#define WRITABLE   (PROT_READ | PROT_WRITE)
#define OTHER_DOOR 16
#define ENTRY      32

static const uint8_t function[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
static const uint8_t another[] = {0xb8, 13, 0, 0, 0, 0xc3};

static void run(void *memory)
{
	int (*in_memory)(void);

	memcpy(&in_memory, &memory, sizeof(in_memory));
	printf("run: %d\n", in_memory());
}

static void *put_function(void *memory)
{
	return memcpy(memory, function, sizeof(function));
}

static int open_file(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		could_not_try(path);
	return file;
}

static void *map(const char *what, int protection, int flags, int file)
{
	void *memory = mmap(NULL, 2 * PAGE, protection, flags, file, 0);

	step(what, memory == MAP_FAILED ? -1 : 0);
	return memory;
}

static void *anonymous(int protection)
{
	return map("map", protection, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void act_make(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	for (int page = 0; page < 2; page++)
		if (file < 0 || pwrite(file, function, sizeof(function), page * PAGE) < 0)
			could_not_try(path);
	if (pwrite(file, another, sizeof(another), OTHER_DOOR) < 0 || ftruncate(file, 2 * PAGE) < 0)
		could_not_try(path);
}

static void act_file(const char *path)
{
	run(map("map", EXECUTABLE, MAP_PRIVATE, open_file(path)));
}

/*
 * Reads where it is entered, as ld.so reads a header, waits until FILE.go is there, and then maps
 * it.
 */
static void act_read_before(const char *path)
{
	char go[4096];
	uint8_t entry;
	int file = open_file(path);

	if (pread(file, &entry, 1, ENTRY) != 1)
		could_not_try(path);
	printf("read\n");
	fflush(stdout);
	snprintf(go, sizeof(go), "%s.go", path);
	for (int i = 0; i < 6000 && access(go, F_OK); i++)
		usleep(10000);
	run((uint8_t *)map("map", EXECUTABLE, MAP_PRIVATE, file) + entry);
}

static void act_shared_file(const char *path)
{
	run(map("map", EXECUTABLE, MAP_SHARED, open_file(path)));
}

/* As ld.so does it: the whole file first, then its code over that. */
static void act_library(const char *path)
{
	int file = open_file(path);
	void *whole = map("map", PROT_READ, MAP_PRIVATE, file);
	void *code = mmap(whole, PAGE, EXECUTABLE, MAP_PRIVATE | MAP_FIXED, file, 0);

	step("code", code == MAP_FAILED ? -1 : 0);
	run(code);
}

static void act_anonymous(const char *path)
{
	run(put_function(anonymous(WRITABLE | PROT_EXEC)));
}

static void act_anonymous_later(const char *path)
{
	void *memory = put_function(anonymous(WRITABLE));

	step("protect", mprotect(memory, PAGE, EXECUTABLE));
	run(memory);
}

/* pkey_mprotect() without a key asks as mprotect() does; its number is another. */
static void act_by_key(const char *path)
{
	void *memory = put_function(anonymous(WRITABLE));

	step("protect", syscall(SYS_pkey_mprotect, memory, (size_t)PAGE, EXECUTABLE, -1));
	run(memory);
}

static void act_altered_copy(const char *path)
{
	void *memory = put_function(map("map", WRITABLE, MAP_PRIVATE, open_file(path)));

	step("protect", mprotect(memory, PAGE, EXECUTABLE));
	run(memory);
}

/* The copy of a page that was written to and made read-only again. */
static void act_altered_before(const char *path)
{
	void *memory = put_function(map("map", WRITABLE, MAP_PRIVATE, open_file(path)));

	if (mprotect(memory, PAGE, PROT_READ) < 0)
		could_not_try("mprotect");
	step("protect", mprotect(memory, PAGE, EXECUTABLE));
	run(memory);
}

static void act_clean_copy(const char *path)
{
	void *memory = map("map", PROT_READ, MAP_PRIVATE, open_file(path));

	step("protect", mprotect(memory, PAGE, EXECUTABLE));
	run(memory);
}

static void act_memfd(const char *path)
{
	int file = memfd_create("code", MFD_CLOEXEC);

	if (file < 0 || write(file, function, sizeof(function)) < 0 ||
		ftruncate(file, 2 * PAGE) < 0)
		could_not_try("memfd_create");
	run(map("map", EXECUTABLE, MAP_PRIVATE, file));
}

static void act_shm(const char *path)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	void *memory = shmat(id, NULL, 0);

	if (id < 0 || memory == (void *)-1)
		could_not_try("shmget");
	put_function(memory);
	memory = shmat(id, NULL, SHM_EXEC | SHM_RDONLY);
	int e = errno;
	shmctl(id, IPC_RMID, NULL);
	errno = e;
	step("attach", memory == (void *)-1 ? -1 : 0);
	run(memory);
}

static void imply_exec(void)
{
	if (personality(READ_IMPLIES_EXEC) < 0)
		could_not_try("personality");
}

static void act_read_implies_exec(const char *path)
{
	imply_exec();
	run(map("map", PROT_READ, MAP_PRIVATE, open_file(path)));
}

/* A mapping that was only for reading comes back executable; of a file that is open for writing. */
static void act_remap(const char *path)
{
	int file = open(path, O_RDWR | O_CLOEXEC);
	void *memory = map("map", PROT_READ, MAP_SHARED, file);

	imply_exec();
	step("remap", remap_file_pages(memory, PAGE, 0, 1, 0));
	run(memory);
}

static const struct act {
	const char *name;
	void (*run)(const char *path);
} acts[] = {
	{"make", act_make},
	{"file", act_file},
	{"read-before", act_read_before},
	{"shared-file", act_shared_file},
	{"library", act_library},
	{"anonymous", act_anonymous},
	{"anonymous-later", act_anonymous_later},
	{"by-key", act_by_key},
	{"altered-copy", act_altered_copy},
	{"altered-before", act_altered_before},
	{"clean-copy", act_clean_copy},
	{"memfd", act_memfd},
	{"shm", act_shm},
	{"read-implies-exec", act_read_implies_exec},
	{"remap", act_remap},
};

static int act(void *words)
{
	char **argv = words;

	for (size_t i = 0; argv[0] && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[0], acts[i].name) == 0) {
			acts[i].run(argv[1] ? argv[1] : "");
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: code [then-map] [thread|shared-memory] ACT [FILE]");
	return COULD_NOT_TRY;
}

static void *in_thread(void *words)
{
	act(words);
	return NULL;
}

/* A child in the same memory that is no thread. */
static int in_shared_memory(char **words)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	int status = 0;
	pid_t child = clone(act, stack + sizeof(stack), CLONE_VM | SIGCHLD, words);

	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		could_not_try("clone");
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	setvbuf(stdout, NULL, _IOLBF, 0);
	argv = then_map(argv);
	if (argv[1] && strcmp(argv[1], "thread") == 0) {
		if (pthread_create(&thread, NULL, in_thread, argv + 2))
			could_not_try("pthread_create");
		pthread_join(thread, NULL);
		return ALLOWED;
	}
	if (argv[1] && strcmp(argv[1], "shared-memory") == 0)
		return in_shared_memory(argv + 2);
	return act(argv + 1);
}
