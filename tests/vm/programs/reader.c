/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * reader [then-map] ACT PATH: every way to open a file for reading, and the first line of it.
 */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/then_map.h"
#include "tests/vm/lib/uring.h"

#include <libgen.h>
#include <linux/openat2.h>

/* "content: " and the first line of it. */
static void show(const char *act, long file)
{
	char text[256];
	int n = set_up("read", read(step(act, file), text, sizeof(text) - 1));

	text[n] = '\0';
	printf("content: %.*s\n", (int)strcspn(text, "\n"), text);
}

static void act_open(char **argument)
{
	show("open", open(argument[0], O_RDONLY | O_CLOEXEC));
}

/* Only waits until PATH.go is there. */
static void act_wait(char **argument)
{
	await_go(argument[0]);
}

/* An interpreter that takes its time. */
static void act_open_later(char **argument)
{
	await_go(argument[0]);
	act_open(argument);
}

/* Again by the same descriptor, from the start, when PATH.go is there. */
static void act_open_again(char **argument)
{
	int file = open(argument[0], O_RDONLY | O_CLOEXEC);

	show("open", file);
	await_go(argument[0]);
	show("again", lseek(file, 0, SEEK_SET) < 0 ? -1 : file);
}

static void act_open_write(char **argument)
{
	show("open-write", open(argument[0], O_RDWR | O_CLOEXEC));
}

/* The path is a directory's; the file is its own and never had a name. */
static void act_tmpfile(char **argument)
{
	show("tmpfile", open(argument[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int directory_of(const char *path)
{
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", path);
	return open_directory(dirname(copy));
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By its name in the descriptor of a directory. */
static void act_relative(char **argument)
{
	show("relative",
		openat(directory_of(argument[0]), name_of(argument[0]), O_RDONLY | O_CLOEXEC));
}

static void act_openat2(char **argument)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};

	show("openat2", syscall(SYS_openat2, directory_of(argument[0]), name_of(argument[0]), &how,
				sizeof(how)));
}

/* By its number in the file system: no path at all. */
static void act_handle(char **argument)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} the = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	set_up("name_to_handle_at",
		name_to_handle_at(AT_FDCWD, argument[0], &the.handle, &mount, 0));
	show("handle",
		open_by_handle_at(directory_of(argument[0]), &the.handle, O_RDONLY | O_CLOEXEC));
}

/* Again, from a descriptor that was only a place (O_PATH). */
static void act_self_fd(char **argument)
{
	char self[64];
	int place = open_file(argument[0], O_PATH);

	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	show("self-fd", open(self, O_RDONLY | O_CLOEXEC));
}

static void act_uring(char **argument)
{
	struct io_uring_sqe request = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD};

	request.addr = pointer(argument[0]);
	request.open_flags = O_RDONLY | O_CLOEXEC;
	show("uring", uring_do(&request));
}

/* The same in a worker of the ring's. */
static void act_uring_worker(char **argument)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT, .flags = IOSQE_ASYNC, .fd = AT_FDCWD};

	request.addr = pointer(argument[0]);
	request.open_flags = O_RDONLY | O_CLOEXEC;
	show("uring-worker", uring_do(&request));
}

/* No process needs to have it open for writing. */
static void act_fifo(char **argument)
{
	show("fifo", open(argument[0], O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static void act_directory(char **argument)
{
	step("directory", open(argument[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* As Python does: its script's name is a directory's, and what is in it is run. */
static void act_run_later(char **argument)
{
	char path[4096];

	await_go(argument[0]);
	act_directory(argument);
	snprintf(path, sizeof(path), "%s/__main__", argument[0]);
	show("main", open(path, O_RDONLY | O_CLOEXEC));
}

/* The same of a script's package, which has the script's name. */
static void act_package(char **argument)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.d/%s", argument[0], name_of(argument[0]));
	argument[0] = path;
	act_directory(argument);
}

static const struct act acts[] = {
	{"open", 1, act_open, "PATH"},
	{"wait", 1, act_wait, "PATH"},
	{"open-later", 1, act_open_later, "PATH"},
	{"open-again", 1, act_open_again, "PATH"},
	{"open-write", 1, act_open_write, "PATH"},
	{"tmpfile", 1, act_tmpfile, "PATH"},
	{"relative", 1, act_relative, "PATH"},
	{"openat2", 1, act_openat2, "PATH"},
	{"handle", 1, act_handle, "PATH"},
	{"self-fd", 1, act_self_fd, "PATH"},
	{"uring", 1, act_uring, "PATH"},
	{"uring-worker", 1, act_uring_worker, "PATH"},
	{"fifo", 1, act_fifo, "PATH"},
	{"directory", 1, act_directory, "PATH"},
	{"run-later", 1, act_run_later, "PATH"},
	{"package", 1, act_package, "PATH"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, then_map(argv));
}
