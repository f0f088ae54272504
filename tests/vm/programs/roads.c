/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * roads ACT PID ...: every way to write memory that another process shares, or has: opens it, and
 * writes 13 at its beginning.
 */

#include "tests/vm/lib/files.h"

#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/uio.h>

static const int evil = 13;

/* The answer to an open; what was opened for writing is written. */
static void write_there(const char *act, int file)
{
	step(act, file);
	step("write", pwrite(file, &evil, sizeof(evil), 0));
}

static const char *in_proc(char **argument, const char *format)
{
	static char path[256];

	snprintf(path, sizeof(path), format, argument[0], argument[1]);
	return path;
}

static void act_fd(char **argument)
{
	write_there("fd", open(in_proc(argument, "/proc/%s/fd/%s"), O_RDWR | O_CLOEXEC));
}

static void act_fd_write_only(char **argument)
{
	write_there(
		"fd-write-only", open(in_proc(argument, "/proc/%s/fd/%s"), O_WRONLY | O_CLOEXEC));
}

static void act_task_fd(char **argument)
{
	write_there("task-fd",
		open(in_proc(argument, "/proc/%1$s/task/%1$s/fd/%2$s"), O_RDWR | O_CLOEXEC));
}

static void act_map_files(char **argument)
{
	write_there(
		"map-files", open(in_proc(argument, "/proc/%s/map_files/%s"), O_RDWR | O_CLOEXEC));
}

static int reopen(int file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Opens it for reading, which is a look, and then her own descriptor of it. */
static void act_again(char **argument)
{
	write_there("again", reopen(open_file(in_proc(argument, "/proc/%s/fd/%s"), O_RDONLY)));
}

/* The same, from a descriptor that is only a place. */
static void act_place(char **argument)
{
	write_there("place", reopen(open_file(in_proc(argument, "/proc/%s/fd/%s"), O_PATH)));
}

/* By its number in its file system, which no name leads to. */
static void act_handle(char **argument)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} the = {.handle.handle_bytes = MAX_HANDLE_SZ};
	const char *path = in_proc(argument, "/proc/%s/fd/%s");
	int mount, file = open_file(path, O_RDONLY);

	set_up("name_to_handle_at",
		name_to_handle_at(file, "", &the.handle, &mount, AT_EMPTY_PATH));
	write_there("handle", open_by_handle_at(file, &the.handle, O_RDWR | O_CLOEXEC));
}

/* Either end of a pipe: the kernel opens the one that is asked for. */
static void act_pipe(char **argument)
{
	int file = step("pipe",
		open(in_proc(argument, "/proc/%s/fd/%s"), O_WRONLY | O_NONBLOCK | O_CLOEXEC));

	step("write", write(file, &evil, sizeof(evil)));
}

/* The same, from her own descriptor, which is only a place. */
static void act_pipe_place(char **argument)
{
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d",
		open_file(in_proc(argument, "/proc/%s/fd/%s"), O_PATH));
	int file = step("pipe-place", open(own, O_RDWR | O_NONBLOCK | O_CLOEXEC));
	step("write", write(file, &evil, sizeof(evil)));
}

/* A look: she may open it for reading. */
static void act_look(char **argument)
{
	step("look", open(in_proc(argument, "/proc/%s/fd/%s"), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static void act_segment(char **argument)
{
	int *memory = shmat(atoi(argument[1]), NULL, 0);

	step("segment", memory == (void *)-1 ? -1 : 0);
	*memory = evil;
}

static void act_path(char **argument)
{
	write_there("path", open(argument[1], O_RDWR | O_CLOEXEC));
}

/* By its name, as that process sees it. */
static void act_root(char **argument)
{
	write_there("root", open(in_proc(argument, "/proc/%s/root%s"), O_RDWR | O_CLOEXEC));
}

/* Memory of its own, by its address. */
static void act_poke(char **argument)
{
	struct iovec here = {(void *)&evil, sizeof(evil)};
	struct iovec there = {(void *)strtoul(argument[1], NULL, 0), sizeof(evil)};

	step("poke", process_vm_writev(atoi(argument[0]), &here, 1, &there, 1, 0));
}

static const struct act acts[] = {
	{"fd", 2, act_fd, "PID FD"},
	{"fd-write-only", 2, act_fd_write_only, "PID FD"},
	{"task-fd", 2, act_task_fd, "PID FD"},
	{"map-files", 2, act_map_files, "PID START-END"},
	{"again", 2, act_again, "PID FD"},
	{"place", 2, act_place, "PID FD"},
	{"handle", 2, act_handle, "PID FD"},
	{"pipe", 2, act_pipe, "PID FD"},
	{"pipe-place", 2, act_pipe_place, "PID FD"},
	{"look", 2, act_look, "PID FD"},
	{"segment", 2, act_segment, "PID ID"},
	{"path", 2, act_path, "PID PATH"},
	{"root", 2, act_root, "PID PATH"},
	{"poke", 2, act_poke, "PID ADDRESS"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
