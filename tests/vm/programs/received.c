/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A descriptor of a BPF object that one process has and another gets, by every road but fork and
 * exec.
 *
 *   hold KIND SOCKET         makes an object of that kind as descriptor HELD, says "ready", and
 *                            sends it to each process that connects
 *   listen KIND COMMAND...   makes one and runs the command under a seccomp filter whose listener
 *                            it holds: the command gets it by asking getppid() ("received asked")
 *   by-socket SOCKET, by-pidfd PID, asked: get it
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/kernel_btf.h"
#include "tests/vm/lib/sending.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#define HELD 9

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

static void make(const char *kind)
{
	static const struct {
		const char *name;
		long (*make)(void);
	} kinds[] = {{"map", make_array}, {"btf", load_btf}, {"program", make_program},
		{"link", make_link}, {"iterator", make_iterator}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, kind) == 0) {
			set_up("dup2", dup2(set_up(kind, kinds[i].make()), HELD));
			return;
		}
	errno = EINVAL;
	could_not_try(kind);
}

/* --- giving --------------------------------------------------------------------------------- */

static void act_hold(char **argument)
{
	int server = listen_at(argument[1]);

	make(argument[0]);
	printf("ready %d\n", getpid());
	alarm(60);
	for (;;) {
		int client = set_up("accept", accept(server, NULL, NULL));
		set_up("send", send_descriptor(client, HELD));
		close(client);
	}
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

static void act_by_pidfd(char **argument)
{
	int pidfd = set_up("pidfd_open", syscall(SYS_pidfd_open, atoi(argument[0]), 0));

	step("by-pidfd", syscall(SYS_pidfd_getfd, pidfd, HELD, 0));
}

static void act_asked(char **argument)
{
	step("asked", syscall(SYS_getppid));
}

static const struct act acts[] = {
	{"hold", 2, act_hold, "map|btf|program|link|iterator SOCKET"},
	{"listen", 2, act_listen, "map|btf|program|link|iterator COMMAND..."},
	{"by-socket", 1, act_by_socket, "SOCKET"},
	{"by-pidfd", 1, act_by_pidfd, "PID"},
	{"asked", 0, act_asked, NULL},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
