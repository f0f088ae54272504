/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists the files below a directory: follows no symbolic link, enters no other file system. */

#include "src/files/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/text.h"

#define DEPTH_LIMIT 1000 /* directories in one another; each is open meanwhile */

/* One walk. */
struct walk {
	struct selection *selection;
	int top;     /* the directory that was named */
	size_t skip; /* bytes of a path before the part below top */
	dev_t device;
};

/* Takes path. */
static int add(struct walk *walk, char *path, int error)
{
	const struct target target = {.path = path,
		.name = error < 0 ? path : path + walk->skip,
		.directory = walk->top,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
		.error = error};
	int r = selection_add(walk->selection, &target);

	if (r < 0)
		free(path);
	return r;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_inside(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int walk_into(struct walk *walk, const char *path, int fd, unsigned depth);

/* A directory in another; takes path. */
static int add_below(struct walk *walk, char *path, int parent, const char *name, unsigned depth)
{
	_cleanup_close_ int fd = open_path(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	int r = fd < 0 ? fd : depth > DEPTH_LIMIT ? -ELOOP : 0;

	if (r < 0)
		return add(walk, path, r);
	r = walk_into(walk, path, fd, depth);
	free(path);
	return r;
}

/* One name of a directory. */
static int add_entry(
	struct walk *walk, const char *directory, int fd, const char *name, unsigned depth)
{
	bool slash = directory[strlen(directory) - 1] == '/';
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno; /* gone meanwhile */
	bool is_directory = S_ISDIR(st.st_mode) && st.st_dev == walk->device;
	if (!is_directory && !S_ISREG(st.st_mode))
		return 0;
	char *path = format_text("%s%s%s", directory, slash ? "" : "/", name);
	if (!path)
		return -ENOMEM;
	if (is_directory ? selection_excludes(walk->selection, path)
			 : !selection_wants(walk->selection, path)) {
		free(path);
		return 0;
	}
	return is_directory ? add_below(walk, path, fd, name, depth + 1) : add(walk, path, 0);
}

static int walk_into(struct walk *walk, const char *path, int fd, unsigned depth)
{
	struct dirent **entries = NULL;
	/* sorted: readdir() order is arbitrary */
	int n = scandirat(fd, ".", &entries, is_inside, by_bytes), r = n < 0 ? -errno : 0;

	if (r < 0 && r != -ENOMEM) {
		char *copy = strdup(path);
		return copy ? add(walk, copy, r) : -ENOMEM;
	}
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = add_entry(walk, path, fd, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int walk_directory(struct selection *selection, const char *path, int fd)
{
	size_t size = strlen(path);
	struct walk walk = {.selection = selection, .top = fd};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	walk.device = st.st_dev;
	walk.skip = size + (size > 0 && path[size - 1] != '/');
	return walk_into(&walk, path, fd, /* depth= */ 0);
}
