/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the hook's notes are, and that they are there. */

#include "src/base/state.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "src/base/file.h"
#include "src/base/text.h"

/* What does not exist yet leads nowhere. */
static int check_links(const char *root, struct diag *reterr)
{
	_cleanup_close_ int root_fd = open_path(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	_cleanup_close_ int fd = root_fd < 0 ? root_fd
					     : open_below(root_fd, STATE_DIRECTORY + 1, O_PATH,
						       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd >= 0 || fd == -ENOENT)
		return 0;
	if (fd == -ELOOP)
		return diag_set(reterr, fd,
			"'%s" STATE_DIRECTORY "' leads out of '%s' by a symbolic link", root, root);
	return diag_set(reterr, fd, "can't open '%s" STATE_DIRECTORY "': %s", root, strerror(-fd));
}

int state_path(const char *root, const char *file, char **ret, struct diag *reterr)
{
	int r = *root ? check_links(root, reterr) : 0;

	if (r < 0)
		return r;
	char *path = format_text("%s" STATE_DIRECTORY "/%s", root, file);
	if (!path)
		return diag_set(reterr, -ENOMEM, "out of memory");
	*ret = path;
	return 0;
}

int state_make(const char *path, struct diag *reterr)
{
	_cleanup_free_ char *directory = strndup(path, (size_t)(strrchr(path, '/') - path));
	int r = directory ? make_directories(directory, 0700) : -ENOMEM;

	return r < 0 ? diag_set(reterr, r, "can't make the directory of '%s': %s", path,
			       strerror(-r))
		     : 0;
}
