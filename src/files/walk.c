/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is below a directory: no symbolic link is followed, no other file system entered. */

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/files/internal.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define DEPTH_LIMIT 1000 /* directories in one another; each is open meanwhile */

/* One walk. */
struct walk {
	struct selection *selection;
	int top;     /* the directory that was named */
	size_t skip; /* bytes of a path before what is below top */
	dev_t device;
};

/* A glob with a slash is about the path as it is printed, one without about the last part. */
static bool is_like(const struct words *globs, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < globs->n; i++) {
		const char *subject = strchr(globs->items[i], '/') ? path : base;
		if (fnmatch(globs->items[i], subject, 0) == 0)
			return true;
	}
	return false;
}

bool selection_wants(const struct selection *selection, const char *path)
{
	return !is_like(&selection->exclude, path) &&
	       (selection->include.n == 0 || is_like(&selection->include, path));
}

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

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **items;
	size_t n;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
}

static int add_name(struct names *names, const char *name)
{
	if ((names->n & (names->n - 1)) == 0) {
		size_t room = names->n ? 2 * names->n : 1;
		char **grown = reallocarray(names->items, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		names->items = grown;
	}
	names->items[names->n] = strdup(name);
	return names->items[names->n++] ? 0 : -ENOMEM;
}

/* The names in a directory, sorted: the order of a file system is nobody's wish. */
static int list_names(int fd, struct names *ret)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), r = 0;
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!directory) {
		r = -errno;
		close_fd(&copy);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = add_name(ret, entry->d_name);
	if (r == 0 && errno != 0)
		r = -errno;
	closedir(directory);
	if (r == 0)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_bytes);
	return r;
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
	if (is_directory ? is_like(&walk->selection->exclude, path)
			 : !selection_wants(walk->selection, path)) {
		free(path);
		return 0;
	}
	return is_directory ? add_below(walk, path, fd, name, depth + 1) : add(walk, path, 0);
}

static int walk_into(struct walk *walk, const char *path, int fd, unsigned depth)
{
	_cleanup_(names_done) struct names names = {0};

	int r = list_names(fd, &names);
	if (r < 0 && r != -ENOMEM) {
		char *copy = strdup(path);
		return copy ? add(walk, copy, r) : -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = add_entry(walk, path, fd, names.items[i], depth);
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
