/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whoever calls the hook has mapped libc, and so has the hook: pages of a new libc are in memory before it can be sealed, for as long as
 * the system runs, and the enforcement rightly does not trust them. A copy is another inode, which nobody has open.
 */

#include "renew.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "enforcer.h"
#include "plugins/sign/verity.h"
#include "util.h"

#define NAMES_LIMIT 65536 /* XATTR_LIST_MAX */

bool renew_is_needed(const char *path, const struct manifest_entry *entry)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	uint8_t role = entry->claim.role;

	if (fd < 0 || role == BS_ROLE_POLICY || (role == BS_ROLE_LIBRARY && access(ENFORCER_PINS, F_OK) < 0))
		return false;
	return verity_settle(path, fd, NULL) == -EBUSY;
}

static int copy_bytes(int from, int to, off_t size)
{
	off_t offset = 0;

	while (offset < size) {
		ssize_t n = sendfile(to, from, &offset, (size_t)(size - offset));
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
	}
	return 0;
}

static int copy_attribute(int from, int to, const char *name)
{
	_cleanup_bytes_ struct bytes value = {0};
	ssize_t n = fgetxattr(from, name, NULL, 0);

	if (n < 0 || !(value.data = malloc((size_t)n + 1)))
		return n < 0 ? -errno : -ENOMEM;
	n = fgetxattr(from, name, value.data, (size_t)n);
	return n < 0 || fsetxattr(to, name, value.data, (size_t)n, 0) < 0 ? -errno : 0;
}

/* EVM's is over the inode, and the kernel's to write. */
static int copy_attributes(int from, int to)
{
	_cleanup_free_ char *names = malloc(NAMES_LIMIT);
	ssize_t size = names ? flistxattr(from, names, NAMES_LIMIT) : -1;
	int r = 0;

	if (!names)
		return -ENOMEM;
	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	for (char *name = names; r == 0 && name < names + size; name += strlen(name) + 1)
		r = strcmp(name, "security.evm") == 0 ? 0 : copy_attribute(from, to, name);
	return r;
}

/* Capabilities are an attribute, which chown(2) takes away: owner first. */
static int copy_all(int from, int to, const struct stat *st)
{
	int r = fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0 ? -errno : 0;

	if (r == 0)
		r = copy_bytes(from, to, st->st_size);
	return r < 0 ? r : copy_attributes(from, to);
}

/* Seals and signs the copy, which changes its times, and looks whether it is what was signed. */
static int finish_copy(const char *copy, const struct stat *st, const struct manifest_entry *entry,
	struct diag *reterr)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};
	_cleanup_close_ int fd = open_path(AT_FDCWD, copy, O_RDONLY, 0);
	uint8_t digest[BS_DIGEST_SIZE];
	bool sealed;

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", copy, strerror(-fd));
	int r = signatures_apply(copy, fd, &entry->claim, &entry->signatures, reterr);
	if (r == 0)
		r = verity_digest(fd, digest, &sealed, reterr);
	if (r == 0 && futimens(fd, times) < 0)
		r = diag_set(reterr, -errno, "can't set the times of '%s': %s", copy, strerror(errno));
	if (r == 0 && memcmp(digest, entry->digests.verity, BS_DIGEST_SIZE) != 0)
		r = diag_set(reterr, -ESTALE, "'%s' has other bytes than were signed", copy);
	return r < 0 ? r : verity_settle(copy, fd, reterr);
}

static int replace(const char *path, int from, const struct stat *st, const struct manifest_entry *entry,
	struct diag *reterr)
{
	/* A leading dot: nobody takes it for a library. */
	_cleanup_free_ char *copy = format_text(
		"%.*s/.bpfsign.XXXXXX", (int)(strrchr(path, '/') - path), path);
	if (!copy)
		return diag_set(reterr, -ENOMEM, "out of memory");
	_cleanup_close_ int to = mkostemp(copy, O_CLOEXEC);
	if (to < 0)
		return diag_set(reterr, -errno, "can't make a copy of '%s': %s", path, strerror(errno));
	int r = copy_all(from, to, st);
	if (r < 0)
		diag_set(reterr, r, "can't make a copy of '%s': %s", path, strerror(-r));
	close_fd(&to); /* no seal while it is open for writing */
	if (r == 0)
		r = finish_copy(copy, st, entry, reterr);
	if (r == 0 && rename(copy, path) < 0)
		r = diag_set(reterr, -errno, "can't replace '%s': %s", path, strerror(errno));
	if (r < 0)
		unlink(copy);
	return r;
}

int renew_file(const char *path, const struct manifest_entry *entry, struct diag *reterr)
{
	_cleanup_free_ char *real = realpath(path, NULL); /* a link stays one */
	_cleanup_close_ int fd = real ? open_path(AT_FDCWD, real, O_RDONLY | O_NOFOLLOW, 0) : -errno;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(reterr, fd < 0 ? fd : -errno, "can't open '%s'", path);
	if (st.st_nlink > 1) {
		diag_set(reterr, -EMLINK, "signed, but in use, and '%s' has other names, too", path);
		diag_hint(reterr, "reboot, or stop what runs or maps it, then: bpfsign settle");
		return -EMLINK;
	}
	return replace(real, fd, &st, entry, reterr);
}
