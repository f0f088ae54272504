/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one place that calls open(2). */

#include "src/base/file.h"

#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "src/base/text.h"

int open_path(int dir_fd, const char *path, int flags, mode_t mode)
{
	int fd = openat(dir_fd, path, flags | O_CLOEXEC | O_NOCTTY, mode);
	return fd < 0 ? -errno : fd;
}

int open_below(int dir_fd, const char *path, int flags, uint64_t resolve)
{
	/* openat2(2) is strict: no terminal with O_PATH. */
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.resolve = resolve};

	if (resolve == 0)
		return open_path(dir_fd, path, flags, 0);
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int open_found(int found, int dir_fd, const char *path, uint64_t resolve)
{
	struct stat st, other;
	char link[32];

	if (fstat(found, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	/* O_NONBLOCK: no lease delays it */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", found);
	_cleanup_close_ int fd = open_path(AT_FDCWD, link, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ENOENT)
		fd = open_below(dir_fd, path, O_RDONLY | O_NONBLOCK, resolve);
	if (fd < 0)
		return fd;
	if (fstat(fd, &other) < 0)
		return -errno;
	return other.st_dev == st.st_dev && other.st_ino == st.st_ino ? TAKE_FD(fd) : -ESTALE;
}

int read_fd(int fd, size_t limit, struct bytes *ret)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	size_t room = 0;

	for (;;) {
		if (bytes.size == room) {
			room = room ? room * 2 : 4096;
			uint8_t *grown = realloc(bytes.data, room + 1);
			if (!grown)
				return -ENOMEM;
			bytes.data = grown;
		}
		ssize_t n = read(fd, bytes.data + bytes.size, room - bytes.size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		bytes.size += (size_t)n;
		if (bytes.size > limit)
			return -EFBIG;
	}
	bytes.data[bytes.size] = 0;
	*ret = bytes;
	bytes = (struct bytes){0};
	return 0;
}

int read_file(const char *path, size_t limit, struct bytes *ret)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	return read_fd(fd, limit, ret);
}

int read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *ret_size)
{
	ssize_t n;

	do
		n = pread(fd, buffer, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret_size = (size_t)n;
	return 0;
}

int write_all(int fd, const void *data, size_t size)
{
	const uint8_t *next = data;

	while (size > 0) {
		ssize_t n = write(fd, next, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		next += n;
		size -= (size_t)n;
	}
	return 0;
}

static int open_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	return parent ? open_path(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0) : -ENOMEM;
}

int sync_parent(const char *path)
{
	_cleanup_close_ int fd = open_parent(path);

	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? -errno : 0;
}

/* O_EXCL: no file or link that somebody put there is taken for it. */
static int make_temporary(int dir_fd, const char *name, char temporary[NAME_MAX + 1])
{
	int fd = -EEXIST;

	for (int tries = 0; fd == -EEXIST && tries < 100; tries++) {
		uint32_t number;
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -EIO;
		snprintf(temporary, NAME_MAX + 1, "%.*s.%08x", NAME_MAX - 9, name, number);
		fd = open_path(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
	}
	return fd;
}

int write_file_at(int dir_fd, const char *name, const void *data, size_t size, mode_t mode)
{
	char temporary[NAME_MAX + 1];
	_cleanup_close_ int fd = make_temporary(dir_fd, name, temporary);
	if (fd < 0)
		return fd;

	int r = write_all(fd, data, size);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
			      renameat(dir_fd, temporary, dir_fd, name) < 0))
		r = -errno;
	if (r < 0)
		unlinkat(dir_fd, temporary, 0);
	else if (fsync(dir_fd) < 0)
		r = -errno;
	return r;
}

int write_file_atomic(const char *path, const void *data, size_t size, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int parent = open_parent(path);

	return parent < 0 ? parent
			  : write_file_at(parent, slash ? slash + 1 : path, data, size, mode);
}

int make_directories(const char *path, mode_t mode)
{
	_cleanup_free_ char *part = strdup(path);
	if (!part)
		return -ENOMEM;

	for (char *next = part; (next = strchr(next + 1, '/'));) {
		*next = 0;
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return -errno;
		*next = '/';
	}
	return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}

uint32_t kernel_device(dev_t device)
{
	return major(device) << 20 | minor(device);
}
