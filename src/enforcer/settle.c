/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sealed files that are in memory when enforcement begins. The kernel side has tainted them all;
 * here each is opened by the number of its inode, since whoever has it open need not have a path.
 * What nobody uses is dropped from the cache, which settles it; what is in use (a C library always
 * is) is read whole: when that is what its digest says, so is every page in memory.
 */

#include "src/enforcer/internal.h"

#include <fcntl.h>
#include <linux/fsverity.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"

#define FILEID_INO32_GEN 1 /* include/linux/exportfs.h: ext4's, f2fs's */

/*
 * Mounts are asked for one after the other: files come in no order, and most are of one or two
 * file systems.
 */
struct mounts {
	uint32_t device; /* of fd */
	int fd;          /* some directory there; negative: none is mounted here */
};

struct sealed {
	int taints;
	enforcer_warn_fn warn; /* NULL: nobody is told */
	struct mounts mounts;
	size_t n_unknown; /* on file systems that are not mounted here */
};

/* Of the kinds that have fs-verity: to look at any other may take for ever. */
static bool is_on(const struct mntent *mount, uint32_t device)
{
	struct stat st;

	return (strcmp(mount->mnt_type, "ext4") == 0 || strcmp(mount->mnt_type, "f2fs") == 0) &&
	       stat(mount->mnt_dir, &st) == 0 && kernel_device(st.st_dev) == device;
}

static int open_mount(uint32_t device)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent mount;
	char line[8192];
	int fd = -ENOENT;

	if (!mounts)
		return -errno;
	while (fd < 0 && getmntent_r(mounts, &mount, line, sizeof(line)))
		if (is_on(&mount, device))
			fd = open_path(AT_FDCWD, mount.mnt_dir, O_RDONLY | O_DIRECTORY, 0);
	endmntent(mounts);
	return fd;
}

static int mount_of(struct mounts *mounts, uint32_t device)
{
	if (mounts->device == device)
		return mounts->fd;
	close_fd(&mounts->fd);
	mounts->device = device;
	mounts->fd = open_mount(device);
	return mounts->fd;
}

static int open_inode(struct mounts *mounts, const struct bs_taint *taint)
{
	struct {
		struct file_handle handle;
		uint32_t inode, generation;
	} request = {{.handle_bytes = 8, .handle_type = FILEID_INO32_GEN}, 0, 0};
	uint32_t words[2] = {(uint32_t)taint->inode, taint->generation};
	int mount = mount_of(mounts, taint->device);

	if (mount < 0)
		return mount;
	memcpy(request.handle.f_handle, words, sizeof(words));
	int fd = open_by_handle_at(mount, &request.handle, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_settled(const struct sealed *sealed, uint64_t key)
{
	struct bs_taint taint;

	return bpf_map_lookup_elem(sealed->taints, &key, &taint) < 0 ||
	       !(taint.state & BS_TAINT_UNCLEAN);
}

/* Without its pages, a fresh open settles it. */
static void drop(struct mounts *mounts, const struct bs_taint *taint, int fd)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	_cleanup_close_ int fresh = open_inode(mounts, taint);
	(void)fresh;
}

static void warn(const struct sealed *sealed, int fd, int genuine)
{
	char link[64], path[4096] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		path[0] = 0;
	_cleanup_free_ char *message = format_text(
		"'%s' counts as unsigned until it has left the memory: its cached pages %s", path,
		genuine == 0 ? "do not match its digest" : "cannot be compared with its digest");
	if (sealed->warn && message)
		sealed->warn(message);
}

static int settle(struct sealed *sealed, uint64_t key, const struct bs_taint *taint)
{
	_cleanup_close_ int fd = open_inode(&sealed->mounts, taint);

	if (fd < 0) {
		/* deleted, and what is left of it nobody can execute anew */
		sealed->n_unknown += fd != -ESTALE;
		return 0;
	}
	drop(&sealed->mounts, taint, fd);
	if (is_settled(sealed, key))
		return 0;
	int genuine = verity_is_genuine(fd);
	if (genuine == 1)
		return hook_call(BS_COMMAND_SETTLED, fd);
	warn(sealed, fd, genuine);
	return 0;
}

#define DROPS 2 /* attempts: a writer may hold pages for a moment */

/* The pages and inodes that nobody uses leave the memory. */
static int drop_caches(void)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, "/proc/sys/vm/drop_caches", O_WRONLY, 0);

	sync();
	return fd < 0 ? fd : write_all(fd, "3", 1);
}

/*
 * A call that seals a file, and may have begun before us, must have ended: ten seconds are enough
 * for gigabytes.
 */
static int take_stock(struct diag *reterr)
{
	int r = -EAGAIN;

	for (int tries = 0; tries < 100 && r == -EAGAIN; tries++) {
		if (tries)
			usleep(100000);
		r = hook_call(BS_COMMAND_INVENTORY, -1);
		/* More than there is room for, as any user can have: most pages are in nobody's
		 * use. */
		if (r == -ENOMEM && tries < DROPS && drop_caches() == 0)
			r = -EAGAIN;
	}
	if (r == -EAGAIN) {
		diag_set(reterr, r,
			"a process has been enabling fs-verity on a file since before we began");
		diag_hint(reterr,
			"grep 0x%x /proc/[0-9]*/task/*/syscall finds it; end it, and try again",
			(unsigned int)FS_IOC_ENABLE_VERITY);
	} else if (r == -EBUSY) {
		diag_set(reterr, r,
			"a process is in the mount namespace of kdevtmpfs, where the pins are");
		diag_hint(reterr,
			"lsns --type mnt --output NS,PID,COMMAND finds it; end it, and try again");
	} else if (r < 0) {
		diag_set(reterr, r, "can't take stock of the sealed files in memory: %s",
			strerror(-r));
		diag_hint(reterr, "a user has so many in use: end what maps them, and try again");
	}
	return r;
}

int settle_inventory(int taints_fd, enforcer_warn_fn tell, struct diag *reterr)
{
	struct sealed sealed = {.taints = taints_fd, .warn = tell, .mounts = {.fd = -EBADF}};
	uint64_t key, next;
	int r = take_stock(reterr);

	if (r < 0)
		return r;
	bool more = bpf_map_get_next_key(taints_fd, NULL, &next) == 0;
	while (more && r == 0) {
		struct bs_taint taint;
		key = next; /* the next is found before this one may be deleted */
		more = bpf_map_get_next_key(taints_fd, &key, &next) == 0;
		if (bpf_map_lookup_elem(taints_fd, &key, &taint) == 0 &&
			(taint.state & BS_TAINT_UNCLEAN) && taint.inode)
			r = settle(&sealed, key, &taint);
	}
	close_fd(&sealed.mounts.fd);
	_cleanup_free_ char *message = format_text(
		"%zu sealed files in memory could not be opened: they count as unsigned until they have left it",
		sealed.n_unknown);
	if (sealed.n_unknown && tell && message)
		tell(message);
	if (r < 0)
		return diag_set(
			reterr, r, "can't settle the sealed files in memory: %s", strerror(-r));
	return 0;
}
