/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One file of an unpacked layer, which is untrusted: nothing is opened before it is known to
 * be a regular file.
 */

#include "src/apply/layer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "src/base/file.h"

#define SPARSE_LIMIT (1L << 30) /* bytes that a file may have without having them on the disk */

void layer_link(int fd, char link[LAYER_LINK_SIZE])
{
	snprintf(link, LAYER_LINK_SIZE, "/proc/self/fd/%d", fd);
}

/* Is it a whiteout to overlayfs, or a file whose content is in a layer below? */
static bool is_marked(int fd)
{
	static const char *const marks[] = {"trusted.overlay.whiteout", "user.overlay.whiteout",
		"trusted.overlay.metacopy", "user.overlay.metacopy"};
	char link[LAYER_LINK_SIZE];

	layer_link(fd, link);
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (getxattr(link, marks[i], NULL, 0) >= 0)
			return true;
	return false;
}

static int check(const struct target *target, int fd, struct diag *reterr)
{
	const char *path = target->path;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if ((S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0)) ||
		(S_ISREG(st.st_mode) && is_marked(fd)))
		return diag_set(reterr, -ENOENT, "'%s' is not in this layer", path);
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr, -EINVAL, "'%s' is not a regular file", path);
	return 0;
}

int layer_check_size(const char *path, int fd, struct diag *reterr)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (st.st_size <= SPARSE_LIMIT || st.st_size / 512 <= st.st_blocks)
		return 0;
	diag_set(reterr, -EFBIG, "'%s' has more holes than bytes to be read", path);
	diag_hint(reterr,
		"is it what was signed? A copy without holes would be read: cp --sparse=never");
	return -EFBIG;
}

int layer_find(const struct target *target, int *ret_fd, struct diag *reterr)
{
	_cleanup_close_ int fd = target->error < 0 ? target->error
						   : open_below(target->directory, target->name,
							     O_PATH, target->resolve);

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", target->path, strerror(-fd));
	int r = check(target, fd, reterr);
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

/* Opens the file that was found, wherever its path leads by now. O_NONBLOCK: no lease delays it. */
int layer_open(const struct target *target, int *ret_fd, struct diag *reterr)
{
	_cleanup_close_ int found = -EBADF;
	char link[LAYER_LINK_SIZE];

	int r = layer_find(target, &found, reterr);
	if (r < 0)
		return r;
	r = layer_check_size(target->path, found, reterr);
	if (r < 0)
		return r;
	layer_link(found, link);
	int fd = open_path(AT_FDCWD, link, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", target->path, strerror(-fd));
	*ret_fd = fd;
	return 0;
}

/* --- names ---------------------------------------------------------------------------------- */

static int by_inode(const void *a, const void *b)
{
	const struct layer_names *first = a, *second = b;

	if (first->device != second->device)
		return first->device < second->device ? -1 : 1;
	return first->inode < second->inode ? -1 : first->inode > second->inode;
}

int layer_add_name(struct layers *layers, const struct stat *st)
{
	if ((layers->n_names & (layers->n_names - 1)) == 0) {
		size_t room = layers->n_names ? 2 * layers->n_names : 1;
		struct layer_names *grown = reallocarray(layers->names, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		layers->names = grown;
	}
	layers->names[layers->n_names++] =
		(struct layer_names){.device = st->st_dev, .inode = st->st_ino, .n = 1};
	return 0;
}

void layer_count_names(struct layers *layers)
{
	size_t n = 0;

	if (layers->n_names == 0)
		return;
	qsort(layers->names, layers->n_names, sizeof(*layers->names), by_inode);
	for (size_t i = 1; i < layers->n_names; i++) {
		if (by_inode(&layers->names[n], &layers->names[i]) == 0)
			layers->names[n].n++;
		else
			layers->names[++n] = layers->names[i];
	}
	layers->n_names = n + 1;
}

struct layer_names *layer_find_names(const struct layers *layers, const struct stat *st)
{
	const struct layer_names wanted = {.device = st->st_dev, .inode = st->st_ino};

	return layers->n_names ? bsearch(&wanted, layers->names, layers->n_names,
					 sizeof(*layers->names), by_inode)
			       : NULL;
}

int layer_check_names(const struct layers *layers, const char *path, int fd, struct diag *reterr)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	const struct layer_names *names = layer_find_names(layers, &st);
	size_t n = names ? names->n : 1;
	if (st.st_nlink <= n)
		return 0;
	diag_set(reterr, -EMLINK,
		"'%s' has %ju names, %zu of them in the layers named: it would be sealed under the others too",
		path, (uintmax_t)st.st_nlink, n);
	diag_hint(reterr, "name the layers of the others as well, or put a copy in its place");
	return -EMLINK;
}
