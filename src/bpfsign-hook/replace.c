/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A library that is in use when it is signed cannot be verified before its pages have left the
 * cache, which libc's never do: all entitled programs would wait for a reboot. So the file is
 * replaced by a sealed copy, which no process has mapped yet; processes with the old file keep it.
 */

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/base/way.h"
#include "src/bpfsign-hook/bpfsign-hook.h"
#include "src/enforcer/enforcer.h"

#define XATTR_LIMIT 65536 /* XATTR_LIST_MAX, XATTR_SIZE_MAX of <linux/limits.h> */
#define ACCESS_LIST "system.posix_acl_access" /* acl(5) */

static int copy_content(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)size, 0);
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		size -= n;
	}
	return 0;
}

static int copy_attribute(int from, int to, const char *name, char *value)
{
	ssize_t size = fgetxattr(from, name, value, XATTR_LIMIT);

	return size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0 ? -errno : 0;
}

/*
 * Capabilities, labels; ours among them, which the sealing looks at again. Not the access list,
 * which would let others open the copy.
 */
static int copy_attributes(int from, int to)
{
	_cleanup_free_ char *names = malloc(XATTR_LIMIT), *value = malloc(XATTR_LIMIT);
	ssize_t size = names && value ? flistxattr(from, names, XATTR_LIMIT) : -1;
	int r = names && value ? 0 : -ENOMEM;

	for (ssize_t at = 0; r == 0 && at < size; at += (ssize_t)strlen(names + at) + 1)
		if (strcmp(names + at, ACCESS_LIST) != 0)
			r = copy_attribute(from, to, names + at, value);
	return r == 0 && size < 0 ? -errno : r;
}

/*
 * *ret_fd: of the copy, which nobody can write any more, and nobody but root open: who maps it
 * while it is sealed has its pages in memory from before. It is opened by its descriptor: the name
 * could be another file's by now.
 */
static int make_copy(int from, const struct stat *st, int directory, const char *copy, int *ret_fd)
{
	_cleanup_close_ int to = open_path(directory, copy, O_RDWR | O_CREAT | O_EXCL, 0600);
	int r = to < 0 ? to : copy_content(from, to, st->st_size);

	if (r == 0)
		r = copy_attributes(from, to);
	if (r == 0 && fsync(to) < 0)
		r = -errno;
	if (r == 0 && (r = open_found(to, directory, copy, 0)) >= 0)
		*ret_fd = r;
	return r < 0 ? r : 0;
}

/* The owner first: changing it takes set-user-ID and capabilities away. */
static int give_to_owner(int from, int to, const struct stat *st)
{
	static const char *const last[] = {"security.capability", ACCESS_LIST};
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	_cleanup_free_ char *value = malloc(XATTR_LIMIT);

	if (!value)
		return -ENOMEM;
	if (fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		int r = copy_attribute(from, to, last[i], value);
		if (r < 0 && r != -ENODATA && r != -EOPNOTSUPP)
			return r;
	}
	return futimens(to, times) < 0 || fsync(to) < 0 ? -errno
							: 0; /* the seal changes the times */
}

static int seal_copy(const char *copy, int from, int fd, const struct stat *st,
	const struct manifest_entry *entry, struct diag *reterr)
{
	int r = signatures_apply(copy, fd, &entry->claim, &entry->signatures, reterr);

	if (r == 0)
		r = verity_settle(copy, fd, reterr);
	if (r < 0)
		return r;
	r = give_to_owner(from, fd, st);
	return r < 0 ? diag_set(reterr, r, "can't give '%s' its owner, mode and times: %s", copy,
			       strerror(-r))
		     : 0;
}

/*
 * Whoever owns the directory could put another file under our copy's name while we work, and have
 * that renamed.
 */
static int check_directory(const struct way *way, const char *path, struct diag *reterr)
{
	struct stat st;

	if (fstat(way->parent, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if ((st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return 0;
	diag_set(reterr, -EPERM, "'%s' is in memory, and its directory is not root's alone", path);
	diag_hint(reterr, "it counts from the next boot on");
	return -EPERM;
}

/* Puts a copy into the place of the file, in the directory where it was found. */
static int replace(const char *path, const struct way *way, int fd,
	const struct manifest_entry *entry, struct diag *reterr)
{
	_cleanup_close_ int directory = open_path(way->parent, ".", O_RDONLY | O_DIRECTORY, 0);
	_cleanup_close_ int sealed = -EBADF;
	char copy[NAME_MAX + 1];
	struct stat st;

	if (directory < 0 || fstat(fd, &st) < 0)
		return diag_set(
			reterr, directory < 0 ? directory : -errno, "can't examine '%s'", path);
	if (st.st_nlink != 1)
		return diag_set(reterr, -EMLINK,
			"'%s' is in memory, and has other names that would be left behind", path);
	/* A leading dot: ldconfig takes it for no library, should it be left. */
	if (snprintf(copy, sizeof(copy), ".%s.bpfsign-new", way->name) >= (int)sizeof(copy))
		return diag_set(reterr, -ENAMETOOLONG, "the name of '%s' is too long", path);
	unlinkat(directory, copy, 0); /* of a run that was killed */
	int r = make_copy(fd, &st, directory, copy, &sealed);
	if (r < 0)
		diag_set(reterr, r, "can't copy '%s': %s", path, strerror(-r));
	else
		r = seal_copy(copy, fd, sealed, &st, entry, reterr);
	if (r == 0 && (renameat(directory, copy, directory, way->name) < 0 || fsync(directory) < 0))
		r = diag_set(reterr, -errno, "can't replace '%s': %s", path, strerror(errno));
	if (r < 0)
		unlinkat(directory, copy, 0);
	return r;
}

int transaction_settle(const struct transaction *transaction, const struct manifest_entry *entry,
	struct diag *reterr)
{
	_cleanup_free_ char *path = format_text("/%s", entry->path + strspn(entry->path, "/"));
	_cleanup_way_ struct way way = WAY_INIT;
	_cleanup_close_ int fd = -EBADF;
	int r = path ? way_open(transaction->root_fd, path, WAY_ROOT, &way) : -ENOMEM;

	if (r == 0 && (fd = way_read(&way)) < 0)
		r = fd;
	if (r < 0)
		return diag_set(reterr, r, "can't open '%s': %s", entry->path, strerror(-r));
	if (verity_settle(path, fd, reterr) == 0)
		return 0;
	r = check_directory(&way, path, reterr);
	return r < 0 ? r : replace(path, &way, fd, entry, reterr);
}

/* --- PID 1 ---------------------------------------------------------------------------------- */

static bool uses(const char *maps, const struct unsigned_file *file)
{
	_cleanup_free_ char *path = format_text("/%s", file->what);

	return path && strcmp(file->why, TRANSACTION_APPLIED) == 0 && strstr(maps, path);
}

static void execute_init_again(void)
{
	pid_t child = fork();

	if (child == 0) {
		execlp("systemctl", "systemctl", "daemon-reexec", NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

void transaction_restore_init(const struct transaction *transaction)
{
	_cleanup_bytes_ struct bytes maps = {0};

	if (!enforcer_is_alive() || access("/run/systemd/system", F_OK) < 0 ||
		read_file("/proc/1/maps", 16 << 20, &maps) < 0)
		return;
	for (size_t i = 0; i < transaction->good.n; i++)
		if (uses((const char *)maps.data, &transaction->good.items[i])) {
			execute_init_again();
			return;
		}
}
