/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The bytes of a manifest, from the one place where each caller trusts them to be. */

#include "src/manifest/manifest.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"

int manifest_read(const char *file, struct bytes *ret, struct diag *reterr)
{
	int r = strcmp(file, "-") == 0 ? read_fd(STDIN_FILENO, MANIFEST_LIMIT, ret)
				       : read_file(file, MANIFEST_LIMIT, ret);

	return r < 0 ? diag_set(reterr, r, "can't read '%s': %s", file, strerror(-r)) : 0;
}

/* Takes the bytes. */
static int parse_bytes(
	const char *file, struct bytes *bytes, struct manifest *ret, struct diag *reterr)
{
	int r = manifest_parse(file, bytes->data, bytes->size, ret, reterr);

	if (r == 0) {
		ret->text = *bytes;
		*bytes = (struct bytes){0};
	}
	return r;
}

int manifest_load(const char *file, struct manifest *ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	int r = manifest_read(file, &bytes, reterr);

	return r < 0 ? r : parse_bytes(file, &bytes, ret, reterr);
}

static int read_way(
	int root_fd, const char *file, unsigned flags, struct way *ret_way, struct bytes *ret)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st, root;
	int r = way_open(root_fd, file, WAY_ROOT | flags, ret_way);

	if (r < 0)
		return r;
	fd = way_read(ret_way);
	if (fd < 0)
		return fd == -EISDIR || fd == -EINVAL ? -EPERM : fd;
	if (fstat(root_fd, &root) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_mode & 022 ||
		(st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != root.st_uid))
		return -EPERM;
	return read_fd(fd, MANIFEST_LIMIT, ret);
}

int manifest_load_way(int root_fd, const char *file, unsigned flags, struct way *ret_way,
	struct manifest *ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	int r = read_way(root_fd, file, flags, ret_way, &bytes);

	if (r == -EPERM || (r == -ELOOP && flags & WAY_NO_LINKS))
		return diag_set(
			reterr, r, "it is not a regular file that only its owner may write");
	if (r == -ENOLINK)
		return diag_set(reterr, r, "somebody else may lead the way to it elsewhere");
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", file, strerror(-r));
	return parse_bytes(file, &bytes, ret, reterr);
}
