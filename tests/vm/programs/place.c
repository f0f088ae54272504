/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * place ACT KEEPER: the roads into the mount namespace of the kernel thread KEEPER, where the pins
 * of the enforcement are.
 */

#include "tests/vm/lib/files.h"

#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#ifndef NS_MNT_GET_NEXT /* since v6.12 */
struct mnt_ns_info {
	uint32_t size, nr_mounts;
	uint64_t mnt_ns_id;
};
#define NS_MNT_GET_NEXT _IOR(0xb7, 11, struct mnt_ns_info)
#define NS_MNT_GET_PREV _IOR(0xb7, 12, struct mnt_ns_info)
#endif

static char *of(const char *keeper, const char *what)
{
	char *path;

	need(asprintf(&path, "/proc/%s/%s", keeper, what) > 0, "memory");
	return path;
}

static void act_root(char **argument)
{
	step("root", open(of(argument[0], "root/.."), O_PATH | O_CLOEXEC));
}

static void act_directory(char **argument)
{
	step("directory", open(of(argument[0], "cwd"), O_PATH | O_CLOEXEC));
}

static void act_namespace(char **argument)
{
	step("namespace", open(of(argument[0], "ns/mnt"), O_RDONLY | O_CLOEXEC));
}

static int keepers_pidfd(const char *keeper)
{
	return set_up("pidfd_open", syscall(SYS_pidfd_open, atoi(keeper), 0));
}

static void act_pidfd(char **argument)
{
	step("pidfd", setns(keepers_pidfd(argument[0]), CLONE_NEWNS));
}

/* PIDFD_GET_MNT_NAMESPACE (since v6.11). */
static void act_pidfd_namespace(char **argument)
{
	step("pidfd-namespace", ioctl(keepers_pidfd(argument[0]), _IO(0xFF, 3), 0));
}

/* All namespaces that lie before ours, and behind it: the keeper's is among them. */
static void act_neighbours(char **argument)
{
	const unsigned long ways[] = {NS_MNT_GET_PREV, NS_MNT_GET_NEXT};
	struct mnt_ns_info info = {.size = sizeof(info)};

	for (int way = 0; way < 2; way++) {
		int at = open_file("/proc/self/ns/mnt", O_RDONLY), next;
		while ((next = ioctl(at, ways[way], &info)) >= 0)
			at = next;
		if (errno != ENOENT)
			step("neighbours", -1);
	}
	step("neighbours", 0);
}

/* What lies over the root there. */
static void act_unmount(char **argument)
{
	set_up("setns", setns(keepers_pidfd(argument[0]), CLONE_NEWNS));
	step("unmount", umount2("/", MNT_DETACH));
}

#ifndef MOVE_MOUNT_SET_GROUP
#define MOVE_MOUNT_SET_GROUP 0x100
#endif

/*
 * PATH, a path to the keeper's root from before the start, becomes the peer of a mount on DIR, over
 * which another lies already; that one is unmounted, and with it what lies over the keeper's root.
 * Wants a mount namespace of its own.
 */
static void act_peer(char **argument)
{
	const char *dir = argument[1];

	set_up("mount", mount("devtmpfs", dir, "devtmpfs", 0, NULL));
	int lower = open_file(dir, O_PATH);
	int keepers = open_file(argument[0], O_PATH);
	set_up("shared", mount(NULL, dir, NULL, MS_SHARED, NULL));
	set_up("cover", mount("cover", dir, "tmpfs", 0, NULL));
	step("peer",
		move_mount(lower, "", keepers, "",
			MOVE_MOUNT_SET_GROUP | MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	step("unmount", umount2(dir, MNT_DETACH));
}

/* PATH, the same, becomes shared. */
static void act_shared(char **argument)
{
	step("shared", mount(NULL, argument[0], NULL, MS_SHARED, NULL));
}

/* In the namespace, until it is killed. */
static void act_stay(char **argument)
{
	set_up("setns", setns(keepers_pidfd(argument[0]), CLONE_NEWNS));
	puts("stays");
	fflush(stdout);
	pause();
}

/* A stand-in for the pins' mount, where nothing is enforced. */
static void act_mount(char **argument)
{
	set_up("setns", setns(keepers_pidfd(argument[0]), CLONE_NEWNS));
	step("mount", mount("bpf", "/", "bpf", 0, NULL));
}

static const struct act acts[] = {
	{"root", 1, act_root, "KEEPER"},
	{"directory", 1, act_directory, "KEEPER"},
	{"namespace", 1, act_namespace, "KEEPER"},
	{"pidfd", 1, act_pidfd, "KEEPER"},
	{"pidfd-namespace", 1, act_pidfd_namespace, "KEEPER"},
	{"neighbours", 1, act_neighbours, "KEEPER"},
	{"unmount", 1, act_unmount, "KEEPER"},
	{"mount", 1, act_mount, "KEEPER"},
	{"peer", 2, act_peer, "PATH DIR"},
	{"shared", 1, act_shared, "PATH"},
	{"stay", 1, act_stay, "KEEPER"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
