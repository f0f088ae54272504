/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * token [map | COMMAND]: a child in a user namespace of its own gets a BPF token from a bpffs that
 * its privileged parent made for it, and makes a map by it. A COMMAND is executed in the namespace
 * instead ("token use FD", with the directory of that bpffs open as FD). "map": makes a map without
 * a token.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/sending.h"

#include <sched.h>
#include <sys/mount.h>

/* since 6.9; the headers here are older */
#define TOKEN_CREATE 36
#define F_TOKEN_FD   (1U << 16)

struct map_attr { /* the beginning of union bpf_attr */
	uint32_t map_type, key_size, value_size, max_entries, map_flags;
	uint32_t unused[14];
	uint32_t map_token_fd;
};
_Static_assert(offsetof(struct map_attr, map_token_fd) == 76, "as in linux/bpf.h");

static long make_map(uint32_t token)
{
	/* of a type that needs CAP_BPF */
	struct map_attr attr = {.map_type = BPF_MAP_TYPE_LPM_TRIE,
		.key_size = 8,
		.value_size = 8,
		.max_entries = 1,
		.map_flags = BPF_F_NO_PREALLOC};

	if (token) {
		attr.map_flags |= F_TOKEN_FD;
		attr.map_token_fd = token;
	}
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static void use(int directory)
{
	struct {
		uint32_t flags, bpffs_fd;
	} create = {.bpffs_fd = (uint32_t)directory};

	report("without", make_map(0));
	int token = step("token", syscall(SYS_bpf, TOKEN_CREATE, &create, sizeof(create)));
	step("map", make_map((uint32_t)token));
}

static void write_file(const char *path, const char *text)
{
	int file = open_file(path, O_WRONLY);

	set_up(path, write(file, text, strlen(text)));
	close(file);
}

static void map_root(void)
{
	char line[32];
	unsigned user = getuid(), group = getgid();

	set_up("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));
	write_file("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1", user);
	write_file("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "0 %u 1", group);
	write_file("/proc/self/gid_map", line);
}

/* In the namespace: opens a bpffs, lets the parent make it, mounts it. */
static void child(int parent, char **command)
{
	char done, number[16];

	map_root();
	int context = set_up("fsopen", fsopen("bpf", 0));
	set_up("send", send_descriptor(parent, context));
	need(read(parent, &done, 1) == 1, "the parent");
	int mount = set_up("fsmount", fsmount(context, 0, 0));
	int directory = set_up("the bpffs", openat(mount, ".", O_RDONLY | O_DIRECTORY));
	if (!command[0]) {
		use(directory);
		exit(ALLOWED);
	}
	snprintf(number, sizeof(number), "%d", directory);
	execl(command[0], command[0], "use", number, NULL);
	could_not_try(command[0]);
}

/* Outside: only a privileged process may delegate. */
static void delegate(int context)
{
	static const char *const what[] = {
		"delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs"};

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		set_up(what[i], fsconfig(context, FSCONFIG_SET_STRING, what[i], "any", 0));
	set_up("FSCONFIG_CMD_CREATE", fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

int main(int argc, char **argv)
{
	int ends[2];

	if (argc > 2 && strcmp(argv[1], "use") == 0) {
		use(atoi(argv[2]));
		return ALLOWED;
	}
	if (argc > 1 && strcmp(argv[1], "map") == 0) {
		step("map", make_map(0));
		return ALLOWED;
	}
	set_up("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child(ends[1], argv + 1);
	}
	close(ends[1]);
	delegate(set_up("the child", receive_descriptor(ends[0])));
	need(write(ends[0], "", 1) == 1, "the child");
	return wait_for(pid);
}
