/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A descriptor of a BPF object, or of its pin's file, that one process has and another gets, by
 * every road but fork.
 *
 *   hold KIND SOCKET         makes an object of that kind as descriptor HELD, says "ready", and
 *                            sends it to each process that connects
 *   give KIND COMMAND...     makes one and executes the command, which inherits it
 *   keep SOCKET              as hold, with the descriptor that was inherited
 *   listen KIND COMMAND...   makes one and runs the command under a seccomp filter whose listener
 *                            it holds: the command gets it by asking getppid() ("received asked")
 *   by-socket SOCKET, by-pidfd PID, asked: get it
 *   reopened SOCKET          gets it and opens it again, through /proc
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/kernel_btf.h"
#include "tests/vm/lib/sending.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#define HELD   9
#define PINNED "/sys/fs/bpf/"

/* --- objects -------------------------------------------------------------------------------- */

static long make_array(void)
{
	return create(BPF_MAP_TYPE_ARRAY, "handed", BPF_F_MMAPABLE, 0);
}

static long make_program(void)
{
	return load_constant(1, BPF_PROG_TYPE_XDP, BPF_XDP, "handed");
}

static long make_link(void)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, 0), EXIT};
	union bpf_attr attr = {0};

	attr.link_create.prog_fd =
		(uint32_t)set_up("load", LOAD(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
						 btf_function("bpf_iter_task"), "handed", insns));
	attr.link_create.attach_type = BPF_TRACE_ITER;
	return bpf(BPF_LINK_CREATE, &attr);
}

static long make_iterator(void)
{
	union bpf_attr attr = {0};

	attr.iter_create.link_fd = (uint32_t)set_up("link", make_link());
	return bpf(BPF_ITER_CREATE, &attr);
}

/* The file of a pin, which is removed again. */
static long opened_pin(long object, const char *path, int flags)
{
	set_up("pin", pin((int)set_up("object", object), path));
	long file = set_up(path, open(path, flags | O_CLOEXEC));
	set_up("unlink", unlink(path));
	return file;
}

static long make_map_file(void)
{
	return opened_pin(
		create(BPF_MAP_TYPE_ARRAY, "handed", 0, 0), PINNED "handed-map", O_RDONLY);
}

static long make_iterator_file(void)
{
	return opened_pin(make_link(), PINNED "handed-iterator", O_RDONLY);
}

/* Only a place (O_PATH), of which nothing is read. */
static long make_place(void)
{
	return opened_pin(
		create(BPF_MAP_TYPE_ARRAY, "handed", 0, 0), PINNED "handed-place", O_PATH);
}

static void make(const char *kind)
{
	static const struct {
		const char *name;
		long (*make)(void);
	} kinds[] = {{"map", make_array}, {"btf", load_btf}, {"program", make_program},
		{"link", make_link}, {"iterator", make_iterator}, {"map-file", make_map_file},
		{"iterator-file", make_iterator_file}, {"place", make_place}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, kind) == 0) {
			set_up("dup2", dup2(set_up(kind, kinds[i].make()), HELD));
			return;
		}
	errno = EINVAL;
	could_not_try(kind);
}

/* --- giving --------------------------------------------------------------------------------- */

/* Without end; not for ever. */
_Noreturn static void send_to_all(int server)
{
	printf("ready %d\n", getpid());
	alarm(60);
	for (;;) {
		int client = set_up("accept", accept(server, NULL, NULL));
		set_up("send", send_descriptor(client, HELD));
		close(client);
	}
}

static void act_hold(char **argument)
{
	int server = listen_at(argument[1]);

	make(argument[0]);
	send_to_all(server);
}

static void act_keep(char **argument)
{
	send_to_all(listen_at(argument[0]));
}

static void act_give(char **argument)
{
	make(argument[0]);
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

/* In the child: every getppid() is a question to the parent, which has the listener. */
static void execute_listened(int parent, char **command)
{
	struct sock_filter filter[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}, /* the number of the system call */
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog program = {.len = 4, .filter = filter};
	int listener = set_up("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
						 SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));

	set_up("send", send_descriptor(parent, listener));
	close(listener); /* the parent's is the last one */
	execv(command[0], command);
	could_not_try(command[0]);
}

/* Gives the descriptor as the answer, or tells the child why it may not have it. */
static void answer(int listener)
{
	struct seccomp_notif question = {0};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
		return; /* it never asked */
	struct seccomp_notif_addfd add = {
		.id = question.id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = HELD};
	struct seccomp_notif_resp response = {.id = question.id};
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0)
		return;
	response.error = -errno;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void act_listen(char **argument)
{
	int ends[2];

	set_up("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	pid_t child = fork();
	if (child == 0)
		execute_listened(ends[1], argument + 1);
	close(ends[1]);
	int listener = set_up("the listener", receive_descriptor(ends[0]));
	make(argument[0]);
	answer(listener);
	exit(wait_for(child));
}

/* --- getting -------------------------------------------------------------------------------- */

static void act_by_socket(char **argument)
{
	step("by-socket", receive_descriptor(connect_to(argument[0])));
}

static void act_reopened(char **argument)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d",
		set_up("by-socket", receive_descriptor(connect_to(argument[0]))));
	step("reopened", open(self, O_RDONLY | O_CLOEXEC));
}

static void act_by_pidfd(char **argument)
{
	int pidfd = set_up("pidfd_open", syscall(SYS_pidfd_open, atoi(argument[0]), 0));

	step("by-pidfd", syscall(SYS_pidfd_getfd, pidfd, HELD, 0));
}

static void act_asked(char **argument)
{
	step("asked", syscall(SYS_getppid));
}

#define KINDS "map|btf|program|link|iterator|map-file|iterator-file|place"

static const struct act acts[] = {
	{"hold", 2, act_hold, KINDS " SOCKET"},
	{"give", 2, act_give, KINDS " COMMAND..."},
	{"keep", 1, act_keep, "SOCKET"},
	{"listen", 2, act_listen, KINDS " COMMAND..."},
	{"by-socket", 1, act_by_socket, "SOCKET"},
	{"by-pidfd", 1, act_by_pidfd, "PID"},
	{"asked", 0, act_asked, NULL},
	{"reopened", 1, act_reopened, "SOCKET"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
