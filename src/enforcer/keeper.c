/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The keeper of the pins: the kernel thread kdevtmpfs (drivers/base/devtmpfs.c), in whose mount
 * namespace our own bpffs is. The namespace is as old as the kernel and ends with it. Nobody else
 * is in it, its mounts are private, and what the system does with its own mounts (another root, a
 * soft reboot) does not reach it. The bpffs lies over its root, which is no directory that could be
 * removed. The hooks keep everybody out of it: bpf/guard/pins.bpf.h.
 */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"
#include "src/enforcer/internal.h"

#define KEEPER     "kdevtmpfs"
#define KTHREADD   2          /* the parent of kernel threads, and of their helpers in user space */
#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static bool is_of(const char *path, unsigned magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (unsigned)fs.f_type == magic;
}

static bool is_keeper(const char *number)
{
	_cleanup_free_ char *path = format_text("/proc/%s/stat", number);
	_cleanup_bytes_ struct bytes stat = {0};
	char name[16] = "";
	unsigned int flags = 0;
	int parent = 0;

	if (!path || read_file(path, 4096, &stat) < 0)
		return false;
	/* proc_pid_stat(5): pid, name, state, parent, group, session, terminal, its group, flags */
	return sscanf((const char *)stat.data, "%*d (%15[^)]) %*c %d %*d %*d %*d %*d %u", name,
		       &parent, &flags) == 3 &&
	       strcmp(name, KEEPER) == 0 && parent == KTHREADD && (flags & PF_KTHREAD);
}

pid_t keeper_pid(void)
{
	static pid_t keeper; /* it never ends */
	_cleanup_(close_directory) DIR *processes = NULL;
	struct dirent *entry;

	if (!keeper && is_of("/proc", PROC_SUPER_MAGIC))
		processes = opendir("/proc");
	while (processes && !keeper && (entry = readdir(processes)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_keeper(entry->d_name))
			keeper = atoi(entry->d_name);
	return keeper;
}

bool enforcer_has_keeper(void)
{
	return keeper_pid();
}

/* Of root, ".." leads to what lies over the root of the namespace. */
static char *own_path(const char *path)
{
	return format_text("/proc/%d/%s", keeper_pid(), path);
}

/* statfs(2), as often as it must be: whose mark is old is not let in. As proc says EACCES. */
static int look(const char *path, struct statfs *ret)
{
	int rounds = 0;

	while (statfs(path, ret) < 0)
		if (!hook_again(errno, &rounds))
			return errno == EACCES ? -EPERM : -errno;
	return 0;
}

int keeper_path(const char *name, char **ret)
{
	_cleanup_free_ char *root = own_path("root/..");
	struct statfs fs;

	if (!root)
		return -ENOMEM;
	if (!keeper_pid())
		return -ENOENT;
	int r = look(root, &fs);
	if (r < 0)
		return r;
	if ((unsigned)fs.f_type != BPF_FS_MAGIC)
		return -ENOENT;
	*ret = format_text("%s/bpfsign%s%s", root, name ? "/" : "", name ?: "");
	return *ret ? 0 : -ENOMEM;
}

int keeper_open(const char *name, uint32_t flags)
{
	_cleanup_free_ char *path = NULL;
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = flags);
	int rounds = 0, r = keeper_path(name, &path);

	if (r < 0)
		return r;
	do
		r = bpf_obj_get_opts(path, &options);
	while (r < 0 && hook_again(-r, &rounds));
	return r < 0 ? -errno : r;
}

int keeper_list(DIR **ret)
{
	_cleanup_free_ char *path = NULL;
	int rounds = 0, r = keeper_path(NULL, &path);

	if (r < 0)
		return r;
	do
		*ret = opendir(path);
	while (!*ret && hook_again(errno, &rounds));
	return *ret ? 0 : -errno;
}

int keeper_has(const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct statfs fs;
	int r = keeper_path(name, &path);

	if (r == 0)
		r = look(path, &fs); /* access(2) would ask for the link itself */
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int mount_here(void)
{
	if (is_of("/", BPF_FS_MAGIC))
		return -EEXIST;
	/* or what root made its peers would get this mount too, and unmount it */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return mount("bpf", "/", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0 ? -errno
											   : 0;
}

static int unmount_here(void)
{
	if (!is_of("/", BPF_FS_MAGIC))
		return -ENOENT; /* but the devices of the kernel */
	return umount2("/", MNT_DETACH) < 0 ? -errno : 0;
}

/* fn in a process of its own, in the keeper's mount namespace, whose root is / there. */
static int in_place(int (*fn)(void))
{
	_cleanup_free_ char *path = own_path("ns/mnt");
	_cleanup_close_ int namespace = -EBADF;
	int status, r;

	if (!path)
		return -ENOMEM;
	namespace = open_path(AT_FDCWD, path, O_RDONLY, 0);
	if (namespace < 0)
		return namespace;
	pid_t child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		r = setns(namespace, CLONE_NEWNS) < 0 ? -errno : fn();
		_exit(-r);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int keeper_mount(struct keeper *ret)
{
	_cleanup_free_ char *path = NULL, *namespace = NULL;
	struct stat directory, file;

	if (!keeper_pid())
		return -ENOENT;
	int r = in_place(mount_here);
	if (r == 0)
		r = keeper_path(NULL, &path);
	if (r < 0)
		return r;
	namespace = own_path("ns/mnt");
	if (!namespace)
		return -ENOMEM;
	if (mkdir(path, 0700) < 0 || stat(path, &directory) < 0 || stat(namespace, &file) < 0)
		return -errno;
	*ret = (struct keeper){.device = directory.st_dev,
		.directory = directory.st_ino,
		.keeper = keeper_pid(),
		.namespace = file.st_ino};
	return 0;
}

int keeper_unmount(void)
{
	return in_place(unmount_here);
}
