/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens the directory of the hook's notes. */

#include "src/base/state.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/file.h"

/* A name at a time: nothing is made behind a link. Takes root_fd. */
static int open_in_root(int root_fd, bool make)
{
	static const char *const names[] = {"var", "lib", "bpfsign"};
	int fd = root_fd;

	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(names); i++) {
		_cleanup_close_ int parent = fd;
		fd = make && mkdirat(parent, names[i], 0700) < 0 && errno != EEXIST
			     ? -errno
			     : open_below(parent, names[i], O_RDONLY | O_DIRECTORY,
				       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	}
	return fd;
}

int state_open(const char *root, bool make, struct diag *reterr)
{
	int fd = make && !*root ? make_directories(STATE_DIRECTORY, 0700) : 0;

	if (fd == 0)
		fd = open_path(AT_FDCWD, *root ? root : STATE_DIRECTORY, O_RDONLY | O_DIRECTORY, 0);
	if (*root && fd >= 0)
		fd = open_in_root(fd, make);
	if (fd == -ELOOP || fd == -EXDEV)
		return diag_set(reterr, fd,
			"'%s" STATE_DIRECTORY "' leads out of '%s' by a symbolic link", root, root);
	return fd < 0 ? diag_set(reterr, fd, "can't open '%s" STATE_DIRECTORY "': %s", root,
				strerror(-fd))
		      : fd;
}
