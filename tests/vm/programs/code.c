/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * code [then-map] [thread|shared-memory] ACT [FILE]: every way to get executable memory, or to
 * write what is executable already, and to run a function in it that returns 42. FILE begins with
 * that function in each of its two pages, and has at ENTRY the offset at which it is entered: "code
 * make FILE" writes it. At OTHER_DOOR a function returns 13: an honest run never gets there.
 */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/new_map.h"
#include "tests/vm/lib/then_map.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/shm.h>

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

static void *map_file(int protection, int flags, int file)
{
	return mmap(NULL, 2 * PAGE, protection, flags, file, 0);
}

static void *mapped(const char *name, void *memory)
{
	step(name, memory == MAP_FAILED ? -1 : 0);
	return memory;
}

/* Memory of which a later step makes something executable. */
static void *memory_of(int protection, int flags, int file)
{
	void *memory = map_file(protection, flags, file);

	need(memory != MAP_FAILED, "map");
	return memory;
}

static int open_code(char **argument)
{
	return open_file(argument[0], O_RDONLY);
}

static void protect_and_run(void *memory)
{
	step("protect", mprotect(memory, PAGE, EXECUTABLE));
	run(memory);
}

static void act_make(char **argument)
{
	int file = set_up(
		argument[0], open(argument[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));

	for (int page = 0; page < 2; page++)
		set_up(argument[0], pwrite(file, function, sizeof(function), page * PAGE));
	set_up(argument[0], pwrite(file, another, sizeof(another), OTHER_DOOR));
	set_up(argument[0], ftruncate(file, 2 * PAGE));
}

static void act_file(char **argument)
{
	run(mapped("map", map_file(EXECUTABLE, MAP_PRIVATE, open_code(argument))));
}

/* Reads the entry, as ld.so reads a header, waits until FILE.go is there, and then maps FILE. */
static void act_read_before(char **argument)
{
	uint8_t entry;
	int file = open_code(argument);

	need(pread(file, &entry, 1, ENTRY) == 1, argument[0]);
	printf("read\n");
	await_go(argument[0]);
	run((uint8_t *)mapped("map", map_file(EXECUTABLE, MAP_PRIVATE, file)) + entry);
}

static void act_shared_file(char **argument)
{
	run(mapped("map", map_file(EXECUTABLE, MAP_SHARED, open_code(argument))));
}

/* As ld.so does it: the whole file first, then its code over that. */
static void act_library(char **argument)
{
	int file = open_code(argument);
	void *whole = memory_of(PROT_READ, MAP_PRIVATE, file);

	run(mapped("code", mmap(whole, PAGE, EXECUTABLE, MAP_PRIVATE | MAP_FIXED, file, 0)));
}

static void act_anonymous(char **argument)
{
	run(put_function(
		mapped("map", map_file(WRITABLE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1))));
}

static void act_anonymous_later(char **argument)
{
	protect_and_run(put_function(memory_of(WRITABLE, MAP_PRIVATE | MAP_ANONYMOUS, -1)));
}

/* pkey_mprotect() without a key asks as mprotect() does; its number is another. */
static void act_by_key(char **argument)
{
	void *memory = put_function(memory_of(WRITABLE, MAP_PRIVATE | MAP_ANONYMOUS, -1));

	step("protect", syscall(SYS_pkey_mprotect, memory, (size_t)PAGE, EXECUTABLE, -1));
	run(memory);
}

static void act_altered_copy(char **argument)
{
	protect_and_run(put_function(memory_of(WRITABLE, MAP_PRIVATE, open_code(argument))));
}

/* The copy of a page that was written to and made read-only again. */
static void act_altered_before(char **argument)
{
	void *memory = put_function(memory_of(WRITABLE, MAP_PRIVATE, open_code(argument)));

	set_up("mprotect", mprotect(memory, PAGE, PROT_READ));
	protect_and_run(memory);
}

static void act_clean_copy(char **argument)
{
	protect_and_run(memory_of(PROT_READ, MAP_PRIVATE, open_code(argument)));
}

static void act_memfd(char **argument)
{
	int file = set_up("memfd_create", memfd_create("code", MFD_CLOEXEC));

	set_up("memfd_create", write(file, function, sizeof(function)));
	set_up("memfd_create", ftruncate(file, 2 * PAGE));
	run(mapped("map", map_file(EXECUTABLE, MAP_PRIVATE, file)));
}

static void act_shm(char **argument)
{
	int id = set_up("shmget", shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700));
	void *memory = shmat(id, NULL, 0);

	need(memory != (void *)-1, "shmat");
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
	set_up("personality", personality(READ_IMPLIES_EXEC));
}

static void act_read_implies_exec(char **argument)
{
	imply_exec();
	run(mapped("map", map_file(PROT_READ, MAP_PRIVATE, open_code(argument))));
}

/* A mapping that was only for reading comes back executable; of a file that is open for writing. */
static void act_remap(char **argument)
{
	void *memory = memory_of(PROT_READ, MAP_SHARED, open_file(argument[0], O_RDWR));

	imply_exec();
	step("remap", remap_file_pages(memory, PAGE, 0, 1, 0));
	run(memory);
}

/* --- memory of the kernel's: a map that user space may map ------------------------------------ */

#define ANY_PROTECTION (PROT_READ | PROT_WRITE | PROT_EXEC)

static void *map_map(int protection, int map, off_t page)
{
	return mmap(NULL, PAGE, protection, MAP_SHARED, map, page * PAGE);
}

static void act_map_any(char **argument)
{
	run(put_function(mapped("map", map_map(ANY_PROTECTION, new_page(), 0))));
}

/* What cannot be written there is written by a command. */
static void act_map_updated(char **argument)
{
	static uint8_t value[PAGE];
	int map = new_page();

	put_function(value);
	set_up("BPF_MAP_UPDATE_ELEM", update(map, value));
	run(mapped("map", map_map(EXECUTABLE, map, 0)));
}

/* The data of a ring that user space fills is behind two pages of positions. */
static void act_map_ring(char **argument)
{
	int ring = new_map(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, PAGE);

	run(put_function(mapped("map", map_map(ANY_PROTECTION, ring, 2))));
}

/* BPF_MAP_TYPE_ARENA, of Linux 6.9. */
static void act_map_arena(char **argument)
{
	run(put_function(mapped("map", map_map(ANY_PROTECTION, new_map(33, 0, 0, 1), 0))));
}

static void act_map_written(char **argument)
{
	put_function(mapped("map", map_map(WRITABLE, new_page(), 0)));
}

/* --- code of our own, by the files in which the kernel shows memory --------------------------- */

__attribute__((noinline)) static int own_text(void)
{
	__asm__ volatile("");
	return 13;
}

static void *text(void)
{
	int (*in_text)(void) = own_text;
	void *memory;

	memcpy(&memory, &in_text, sizeof(memory));
	return memory;
}

/* The kernel writes there what the mapping does not let us write. */
static void rewrite(int file)
{
	step("open", file);
	step("write", pwrite(file, function, sizeof(function), (off_t)(uintptr_t)text()));
}

static void rewrite_and_run(int file)
{
	rewrite(file);
	run(text());
}

static void act_self_mem(char **argument)
{
	rewrite_and_run(open("/proc/self/mem", O_WRONLY | O_CLOEXEC));
}

static void act_self_mem_both(char **argument)
{
	rewrite_and_run(open("/proc/self/mem", O_RDWR | O_CLOEXEC));
}

static void act_thread_mem(char **argument)
{
	rewrite_and_run(open("/proc/thread-self/mem", O_WRONLY | O_CLOEXEC));
}

static void act_relative_mem(char **argument)
{
	rewrite_and_run(openat(open_directory("/proc/self"), "mem", O_WRONLY | O_CLOEXEC));
}

/* From a descriptor that is only a place. */
static void act_place_mem(char **argument)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", open_file("/proc/self/mem", O_PATH));
	rewrite_and_run(open(path, O_WRONLY | O_CLOEXEC));
}

/* A child, which is the same program, does it to its parent, which it may trace. */
static void rewrite_parent(bool trace)
{
	const pid_t parent = getpid();
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", parent);
	pid_t child = fork();
	if (child == 0) {
		if (trace)
			set_up("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, parent, NULL, NULL));
		rewrite(open(path, O_WRONLY | O_CLOEXEC));
		exit(ALLOWED);
	}
	int status = wait_for(child);
	if (status != ALLOWED)
		exit(status);
	run(text());
}

static void act_parent_mem(char **argument)
{
	rewrite_parent(/* trace= */ false);
}

/* To a tracer the kernel lets it write on v7.3 too. */
static void act_traced_mem(char **argument)
{
	rewrite_parent(/* trace= */ true);
}

static const struct act acts[] = {
	{"make", 1, act_make, "FILE"},
	{"file", 1, act_file, "FILE"},
	{"read-before", 1, act_read_before, "FILE"},
	{"shared-file", 1, act_shared_file, "FILE"},
	{"library", 1, act_library, "FILE"},
	{"anonymous", 0, act_anonymous, NULL},
	{"anonymous-later", 0, act_anonymous_later, NULL},
	{"by-key", 0, act_by_key, NULL},
	{"altered-copy", 1, act_altered_copy, "FILE"},
	{"altered-before", 1, act_altered_before, "FILE"},
	{"clean-copy", 1, act_clean_copy, "FILE"},
	{"memfd", 0, act_memfd, NULL},
	{"shm", 0, act_shm, NULL},
	{"read-implies-exec", 1, act_read_implies_exec, "FILE"},
	{"remap", 1, act_remap, "FILE"},
	{"map-any", 0, act_map_any, NULL},
	{"map-updated", 0, act_map_updated, NULL},
	{"map-ring", 0, act_map_ring, NULL},
	{"map-arena", 0, act_map_arena, NULL},
	{"map-written", 0, act_map_written, NULL},
	{"self-mem", 0, act_self_mem, NULL},
	{"self-mem-both", 0, act_self_mem_both, NULL},
	{"thread-mem", 0, act_thread_mem, NULL},
	{"relative-mem", 0, act_relative_mem, NULL},
	{"place-mem", 0, act_place_mem, NULL},
	{"parent-mem", 0, act_parent_mem, NULL},
	{"traced-mem", 0, act_traced_mem, NULL},
};

/* argv from the word before the act. */
static int act(void *argv)
{
	return ACT_MAIN(acts, argv);
}

static void *in_thread(void *argv)
{
	act(argv);
	return NULL;
}

/* A child in the same memory that is no thread. */
static int in_shared_memory(char **argv)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	return wait_for(clone(act, stack + sizeof(stack), CLONE_VM | SIGCHLD, argv));
}

int main(int argc, char **argv)
{
	pthread_t thread;

	argv = then_map(argv);
	if (argv[1] && strcmp(argv[1], "thread") == 0) {
		need(pthread_create(&thread, NULL, in_thread, argv + 1) == 0, "pthread_create");
		need(pthread_join(thread, NULL) == 0, "pthread_join");
		return ALLOWED;
	}
	if (argv[1] && strcmp(argv[1], "shared-memory") == 0)
		return in_shared_memory(argv + 1);
	return act(argv);
}
