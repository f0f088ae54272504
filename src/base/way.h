/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The way to a file, walked by root through directories that may be other people's. The owner of a
 * directory chooses the files that its names lead to, and so does the owner of a symbolic link.
 */

#include <limits.h>

#include "src/base/base.h"

/* A file that was found, and the directory that holds it; both O_PATH. */
struct way {
	int parent, fd;
	char name[NAME_MAX + 1]; /* of the file in parent; "." for the beginning itself */
};
#define WAY_INIT                                                                                   \
	{                                                                                          \
		.parent = -EBADF, .fd = -EBADF                                                     \
	}
void way_done(struct way *way); /* safe on WAY_INIT */
#define _cleanup_way_ _cleanup_(way_done)

enum way_flag {
	WAY_ROOT = 1 << 0,     /* its beginning is a root: what its owner owns is trusted too */
	WAY_NO_LINKS = 1 << 1, /* a symbolic link is -ELOOP */
};

/*
 * Walks path from a directory, never above it: an absolute symbolic link begins there again.
 * AT_FDCWD: the root directory. Directories and links on the way are root's or the effective
 * user's; behind one of somebody else everything is that owner's, the file too. A directory that
 * others may write leads nowhere, or, if it is sticky, to other directories only. The caller owns
 * *ret. 0; -ENOLINK where that is not so; -ELOOP, -ENOENT, -ENOTDIR, -ENAMETOOLONG and the errors
 * of open(2) and readlink(2).
 */
int way_open(int from, const char *path, unsigned flags, struct way *ret);

/*
 * Opens the regular file that was found, O_RDONLY; a device or FIFO is never opened. An fd;
 * -EISDIR for a directory, -EINVAL for another kind of file, or the errors of open(2).
 */
int way_read(const struct way *way);
