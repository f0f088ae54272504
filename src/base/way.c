/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A path is resolved here, a name at a time: openat2(2) does not look at owners. */

#include "src/base/way.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"

#define DEPTH_LIMIT 64 /* directories in one another */
#define LINKS_LIMIT 40 /* MAXSYMLINKS of include/linux/namei.h */

/* One walk. Its directories stay open, so that ".." is the one that it came from. */
struct walk {
	int fds[DEPTH_LIMIT];
	struct stat stats[DEPTH_LIMIT];
	unsigned depth; /* of the last one */
	unsigned links, flags;
	bool is_led;         /* by the leader, whom nobody trusts: a directory or link was his */
	uid_t leader;        /* all the rest of the way has to be his */
	char rest[PATH_MAX]; /* of the path */
};

void way_done(struct way *way)
{
	close_fd(&way->parent);
	close_fd(&way->fd);
}

static void walk_done(struct walk *walk)
{
	for (unsigned i = 0; i <= walk->depth; i++)
		close_fd(&walk->fds[i]);
}

static bool is_trusted(const struct walk *walk, uid_t owner)
{
	return owner == 0 || owner == geteuid() ||
	       (walk->flags & WAY_ROOT && owner == walk->stats[0].st_uid);
}

/* Root trusts no group: its members are other people. */
static bool others_may_write(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_mode & (geteuid() == 0 ? 022 : 002);
}

/* Can nobody but a trusted owner, or the owner of the file, have led the way from here to it? */
static bool is_safe(const struct walk *walk, const struct stat *from, const struct stat *to)
{
	if (walk->is_led && to->st_uid != walk->leader)
		return false;
	if (!others_may_write(from))
		return true;
	/* a directory has no hard links, a file or symbolic link may be one */
	return from->st_mode & S_ISVTX && is_trusted(walk, from->st_uid) && S_ISDIR(to->st_mode);
}

/* A directory or link on the way. */
static void pass(struct walk *walk, const struct stat *st)
{
	if (walk->is_led || is_trusted(walk, st->st_uid))
		return;
	walk->is_led = true;
	walk->leader = st->st_uid;
}

/* The next name of the path, which is cut off it. NULL: it ends. */
static char *next_name(char **rest)
{
	char *name = *rest + strspn(*rest, "/");
	size_t size = strcspn(name, "/");

	*rest = name + size;
	if (**rest)
		*(*rest)++ = 0;
	return size ? name : NULL;
}

static void go_up(struct walk *walk, unsigned depth)
{
	while (walk->depth > depth)
		close_fd(&walk->fds[walk->depth--]);
}

/* The path goes on with the text of a link. */
static int follow(struct walk *walk, int fd, const char *rest)
{
	char text[PATH_MAX], longer[2 * PATH_MAX];
	ssize_t n = readlinkat(fd, "", text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = 0;
	if (walk->flags & WAY_NO_LINKS || ++walk->links > LINKS_LIMIT)
		return -ELOOP;
	int size = snprintf(longer, sizeof(longer), "%s/%s", text, rest);
	if (size >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(walk->rest, longer, (size_t)size + 1);
	if (text[0] == '/')
		go_up(walk, 0);
	return 0;
}

static int go_down(struct walk *walk, int fd, const struct stat *st)
{
	if (walk->depth + 1 == DEPTH_LIMIT)
		return -ENAMETOOLONG;
	walk->fds[++walk->depth] = fd;
	walk->stats[walk->depth] = *st;
	return 0;
}

/* 1: the file at the end of the path was found. */
static int step(struct walk *walk, struct way *ret)
{
	char *rest = walk->rest, *name = next_name(&rest);
	_cleanup_close_ int fd = -EBADF;
	struct stat st;

	if (name && strcmp(name, "..") == 0)
		go_up(walk, walk->depth ? walk->depth - 1 : 0);
	if (name && (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)) {
		memmove(walk->rest, rest, strlen(rest) + 1);
		return 0;
	}
	bool is_last = !name || !rest[strspn(rest, "/")];
	fd = open_path(walk->fds[walk->depth], name ?: ".", O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	if (name && !is_safe(walk, &walk->stats[walk->depth], &st))
		return -ENOLINK;
	if (!is_last || S_ISLNK(st.st_mode))
		pass(walk, &st);
	if (S_ISLNK(st.st_mode))
		return follow(walk, fd, rest);
	if (is_last) {
		snprintf(ret->name, sizeof(ret->name), "%s", name ?: ".");
		ret->parent = TAKE_FD(walk->fds[walk->depth]);
		ret->fd = TAKE_FD(fd);
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	int r = go_down(walk, fd, &st);
	if (r == 0) {
		TAKE_FD(fd);
		memmove(walk->rest, rest, strlen(rest) + 1);
	}
	return r;
}

int way_open(int from, const char *path, unsigned flags, struct way *ret)
{
	_cleanup_(walk_done) struct walk walk = {.flags = flags};
	struct way found = WAY_INIT;
	int r = 0;

	walk.fds[0] = from == AT_FDCWD ? open_path(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0)
				       : open_path(from, ".", O_PATH | O_DIRECTORY, 0);
	if (walk.fds[0] < 0 || fstat(walk.fds[0], &walk.stats[0]) < 0)
		return walk.fds[0] < 0 ? walk.fds[0] : -errno;
	if (from == AT_FDCWD)
		walk.flags |= WAY_ROOT;
	pass(&walk, &walk.stats[0]);
	if (!*path)
		return -ENOENT;
	if ((size_t)snprintf(walk.rest, sizeof(walk.rest), "%s", path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	while (r == 0)
		r = step(&walk, &found);
	if (r < 0)
		return r;
	*ret = found;
	return 0;
}

int way_read(const struct way *way)
{
	return open_found(way->fd, way->parent, way->name, 0);
}
