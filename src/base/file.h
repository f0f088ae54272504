/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files: opened, read, written. */

#include <fcntl.h>

#include "src/base/base.h"

/*
 * Opens path with O_CLOEXEC and O_NOCTTY added; an fd or -errno. The one place
 * that calls open(2).
 */
int open_path(int dir_fd, const char *path, int flags, mode_t mode);

/*
 * Opens path below a directory with RESOLVE_* of openat2(2), or as open_path() where that is 0. An
 * fd or -errno.
 */
int open_below(int dir_fd, const char *path, int flags, uint64_t resolve);

/*
 * Opens for reading the regular file that was found with O_PATH, so that no device or FIFO is ever
 * opened. Without /proc by its path again, as open_below(). An fd; -EISDIR for a directory, -EINVAL
 * for another kind of file, -ESTALE when the path leads to another file by now, or -errno of
 * open(2).
 */
int open_found(int found, int dir_fd, const char *path, uint64_t resolve);

/*
 * The whole of a file, at most limit bytes. -EFBIG when longer; -errno of open(2)
 * and read(2). read_fd() reads from the current position of fd.
 */
int read_file(const char *path, size_t limit, struct bytes *ret);
int read_fd(int fd, size_t limit, struct bytes *ret);

/* Up to size bytes at offset, fewer at the end of the file: *ret_size says. 0 or -errno. */
int read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *ret_size);

/*
 * Replaces path by size bytes so that a reader sees the old or the new content
 * and a crash leaves one of the two: temporary file beside it, fsync, rename,
 * fsync of the directory. 0 or -errno.
 */
int write_file_atomic(const char *path, const void *data, size_t size, mode_t mode);

/* The same, of a name in an open directory (O_RDONLY), wherever that is by now. */
int write_file_at(int dir_fd, const char *name, const void *data, size_t size, mode_t mode);

/* Makes a rename or an unlink in the directory of path durable; 0 or -errno. */
int sync_parent(const char *path);

/* write(2) until all is out; 0 or -errno. */
int write_all(int fd, const void *data, size_t size);

/* mkdir -p with this mode for what is missing; 0 or -errno. */
int make_directories(const char *path, mode_t mode);

/* The device number as the kernel keeps it (dev_t of include/linux/kdev_t.h): major << 20 | minor.
 */
uint32_t kernel_device(dev_t device);
