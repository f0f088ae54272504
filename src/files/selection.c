/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files of a command: one list of targets, the globs they passed, and how one is opened. */

#include "src/files/files.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/way.h"
#include "src/files/role.h"

void selection_done(struct selection *selection)
{
	for (size_t i = 0; i < selection->n; i++) {
		free(selection->targets[i].path);
		free(selection->targets[i].refusal);
	}
	for (size_t i = 0; i < selection->n_directories; i++)
		close(selection->directories[i]);
	free(selection->targets);
	free(selection->directories);
	close_fd(&selection->root_fd);
	*selection = (struct selection)SELECTION_INIT(selection->options);
}

int selection_add(struct selection *selection, const struct target *target)
{
	/* In steps of powers of two: there may be many. */
	if ((selection->n & (selection->n - 1)) == 0) {
		size_t room = selection->n ? 2 * selection->n : 1;
		struct target *grown = reallocarray(selection->targets, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		selection->targets = grown;
	}
	selection->targets[selection->n++] = *target;
	return 0;
}

int selection_add_needed(struct selection *selection, char *path, enum bs_role role)
{
	const struct target target = {
		.path = path, .name = path, .directory = AT_FDCWD, .needed = true, .role = role};
	int r = selection_add(selection, &target);

	if (r < 0)
		free(path);
	return r;
}

/* --- globs ---------------------------------------------------------------------------------- */

/* A glob with a slash is about the path as it is printed, one without about the last part. */
static bool matches(const struct globs *globs, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < globs->n; i++) {
		const char *subject = strchr(globs->items[i], '/') ? path : base;
		if (fnmatch(globs->items[i], subject, 0) == 0)
			return true;
	}
	return false;
}

bool selection_excludes(const struct selection *selection, const char *path)
{
	return matches(&selection->options->exclude, path);
}

bool selection_wants(const struct selection *selection, const char *path)
{
	const struct globs *include = &selection->options->include;

	return !selection_excludes(selection, path) && (include->n == 0 || matches(include, path));
}

/* --- opening -------------------------------------------------------------------------------- */

static int check_regular(const struct target *target, int fd, struct diag *reterr)
{
	const char *path = target->path;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return 0;
	diag_set(reterr, -EINVAL, "'%s' is not a regular file", path);
	if (S_ISDIR(st.st_mode))
		diag_hint(reterr, "--recursive, for what is below it");
	return -EINVAL;
}

/* Without opening it: a device could be harmed by that. */
static int find(const struct selection *selection, const struct target *target, struct way *ret)
{
	unsigned flags = target->directory == selection->root_fd ? WAY_ROOT : 0;

	if (target->error < 0)
		return target->error;
	if (selection->options->guarded)
		return way_open(target->directory, target->name,
			flags | (target->resolve & RESOLVE_NO_SYMLINKS ? WAY_NO_LINKS : 0), ret);
	ret->fd = open_below(target->directory, target->name, O_PATH, target->resolve);
	return ret->fd < 0 ? ret->fd : 0;
}

static int explain(const struct target *target, int r, struct diag *reterr)
{
	diag_set(reterr, r, "can't open '%s': %s", target->path,
		r == -ENOLINK ? "somebody else may lead the way to it elsewhere" : strerror(-r));
	if (r == -ENOLINK)
		diag_hint(reterr, "chown root and chmod go-w the directories that it is in");
	return r;
}

int selection_open(const struct selection *selection, const struct target *target, int *ret_fd,
	struct diag *reterr)
{
	_cleanup_way_ struct way way = WAY_INIT;
	_cleanup_close_ int fd = -EBADF;
	bool program = true;

	if (target->refusal) {
		*reterr = *target->refusal;
		return -EINVAL;
	}
	int r = find(selection, target, &way);
	if (r < 0)
		return explain(target, r, reterr);
	r = check_regular(target, way.fd, reterr);
	if (r < 0)
		return r;
	fd = selection->options->guarded
		     ? way_read(&way)
		     : open_found(way.fd, target->directory, target->name, target->resolve);
	if (fd < 0)
		return explain(target, fd, reterr);
	if (selection->options->programs && (r = role_is_program(fd, &program)) < 0)
		return diag_set(reterr, r, "can't read '%s': %s", target->path, strerror(-r));
	*ret_fd = TAKE_FD(fd);
	return program ? 0 : 1;
}
