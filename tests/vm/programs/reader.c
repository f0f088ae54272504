/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * reader [then-map] ACT PATH: every way to open a file for reading, without any library in between,
 * and what is in it; output and exit status as step.h says.
 */

#include "tests/vm/lib/uring.h"

#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>

/* "content: " and the first line of it. */
static void show(const char *act, long file)
{
	char text[256];
	ssize_t n = read(step(act, file), text, sizeof(text) - 1);

	if (n < 0)
		could_not_try("read");
	text[n] = '\0';
	printf("content: %.*s\n", (int)strcspn(text, "\n"), text);
}

static void act_open(const char *path)
{
	show("open", open(path, O_RDONLY | O_CLOEXEC));
}

/* Waits until PATH.go is there. */
static void act_wait(const char *path)
{
	char go[4096];

	snprintf(go, sizeof(go), "%s.go", path);
	for (int i = 0; i < 3000 && access(go, F_OK); i++)
		usleep(10000);
}

/* An interpreter that takes its time. */
static void act_open_later(const char *path)
{
	act_wait(path);
	act_open(path);
}

/* Again by the same descriptor, from the start, when PATH.go is there. */
static void act_open_again(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	show("open", file);
	fflush(stdout);
	act_wait(path);
	show("again", lseek(file, 0, SEEK_SET) < 0 ? -1 : file);
}

static void act_open_write(const char *path)
{
	show("open-write", open(path, O_RDWR | O_CLOEXEC));
}

/* The path is a directory's; the file is its own and never had a name. */
static void act_tmpfile(const char *path)
{
	show("tmpfile", open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int directory_of(const char *path)
{
	char copy[4096];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		could_not_try(path);
	return fd;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By its name in the descriptor of a directory. */
static void act_relative(const char *path)
{
	show("relative", openat(directory_of(path), name_of(path), O_RDONLY | O_CLOEXEC));
}

static void act_openat2(const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};

	show("openat2", syscall(SYS_openat2, directory_of(path), name_of(path), &how, sizeof(how)));
}

/* By its number in the file system: no path at all. */
static void act_handle(const char *path)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} the = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &the.handle, &mount, 0) < 0)
		could_not_try("name_to_handle_at");
	show("handle", open_by_handle_at(directory_of(path), &the.handle, O_RDONLY | O_CLOEXEC));
}

/* Again, from a descriptor that was only a place (O_PATH). */
static void act_self_fd(const char *path)
{
	char self[64];
	int place = open(path, O_PATH | O_CLOEXEC);

	if (place < 0)
		could_not_try(path);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	show("self-fd", open(self, O_RDONLY | O_CLOEXEC));
}

static void act_uring(const char *path)
{
	struct io_uring_sqe request = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD};

	request.addr = pointer(path);
	request.open_flags = O_RDONLY | O_CLOEXEC;
	show("uring", uring_do(&request));
}

/* The same in a worker of the ring's. */
static void act_uring_worker(const char *path)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT, .flags = IOSQE_ASYNC, .fd = AT_FDCWD};

	request.addr = pointer(path);
	request.open_flags = O_RDONLY | O_CLOEXEC;
	show("uring-worker", uring_do(&request));
}

/* Nobody needs to write to it. */
static void act_fifo(const char *path)
{
	show("fifo", open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static void act_directory(const char *path)
{
	step("directory", open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static const struct act {
	const char *name;
	void (*run)(const char *path);
} acts[] = {
	{"open", act_open},
	{"wait", act_wait},
	{"open-later", act_open_later},
	{"open-again", act_open_again},
	{"open-write", act_open_write},
	{"tmpfile", act_tmpfile},
	{"relative", act_relative},
	{"openat2", act_openat2},
	{"handle", act_handle},
	{"self-fd", act_self_fd},
	{"uring", act_uring},
	{"uring-worker", act_uring_worker},
	{"fifo", act_fifo},
	{"directory", act_directory},
};

int main(int argc, char **argv)
{
	argv = then_map(argv);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (argv[1] && argv[2] && strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv[2]);
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: reader [then-map] ACT PATH");
}
