/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A descriptor of BPF's that one process has and another gets, by every road but fork and exec;
 * output and exit status as step.h says.
 *
 *   received hold KIND SOCKET        makes an object of that kind, says "ready", and sends it to
 *                                    each who connects; its own descriptor is HELD
 *   received listen KIND COMMAND...  makes one and runs the command under a seccomp filter: who
 * asks getppid() gets it (received asked) received by-socket SOCKET | by-pidfd PID | asked
 */

#include "tests/vm/lib/kernel_btf.h"
#include "tests/vm/lib/loading.h"
#include "tests/vm/lib/sending.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define HELD 9

/* --- objects -------------------------------------------------------------------------------- */

static int make_map(void)
{
	return step("create", create(BPF_MAP_TYPE_ARRAY, "handed", BPF_F_MMAPABLE, 0));
}

static int make_btf(void)
{
	return step("btf", load_btf());
}

static int make_program(void)
{
	return load_trivial(BPF_PROG_TYPE_XDP, BPF_XDP, "handed");
}

static int make_link(void)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, 0), EXIT};
	union bpf_attr attr = {0};

	attr.link_create.prog_fd = (uint32_t)LOAD(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
		btf_function("bpf_iter_task"), "handed", insns);
	attr.link_create.attach_type = BPF_TRACE_ITER;
	return step("link", bpf(BPF_LINK_CREATE, &attr));
}

static int make_iterator(void)
{
	union bpf_attr attr = {0};

	attr.iter_create.link_fd = (uint32_t)make_link();
	return step("iterator", bpf(BPF_ITER_CREATE, &attr));
}

static void make(const char *kind)
{
	static const struct {
		const char *name;
		int (*make)(void);
	} kinds[] = {{"map", make_map}, {"btf", make_btf}, {"program", make_program},
		{"link", make_link}, {"iterator", make_iterator}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, kind) == 0) {
			if (dup2(kinds[i].make(), HELD) < 0)
				could_not_try("dup2");
			return;
		}
	errno = EINVAL;
	could_not_try(kind);
}

/* --- who has it ----------------------------------------------------------------------------- */

static void act_hold(char **argument)
{
	int server = listen_at(argument[1]);

	make(argument[0]);
	printf("ready %d\n", getpid());
	fflush(stdout);
	alarm(60);
	for (;;) {
		int client = accept(server, NULL, NULL);
		if (client < 0 || send_descriptor(client, HELD) < 0)
			could_not_try("send");
		close(client);
	}
}

/* In the child: every getppid() asks the parent, who has the listener. */
static void execute_listened(int parent, char **command)
{
	struct sock_filter filter[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}, /* the number of the system call */
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog program = {.len = 4, .filter = filter};
	long listener = syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

	if (listener < 0 || send_descriptor(parent, (int)listener) < 0)
		could_not_try("seccomp");
	close((int)listener); /* the last to go is the parent's */
	execv(command[0], command);
	could_not_try(command[0]);
}

/* What it asks for is ours; it is told when it may not have it. */
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
	int ends[2], status = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		could_not_try("socketpair");
	pid_t child = fork();
	if (child == 0)
		execute_listened(ends[1], argument + 1);
	close(ends[1]);
	long listener = receive_descriptor(ends[0]);
	if (child < 0 || listener < 0)
		could_not_try("the listener");
	make(argument[0]);
	answer((int)listener);
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		could_not_try("waitpid");
	exit(WEXITSTATUS(status));
}

/* --- who gets it ---------------------------------------------------------------------------- */

static void act_by_socket(char **argument)
{
	step("by-socket", receive_descriptor(connect_to(argument[0])));
}

static void act_by_pidfd(char **argument)
{
	long pidfd = syscall(SYS_pidfd_open, atoi(argument[0]), 0);

	if (pidfd < 0)
		could_not_try("pidfd_open");
	step("by-pidfd", syscall(SYS_pidfd_getfd, pidfd, HELD, 0));
}

static void act_asked(char **argument)
{
	step("asked", syscall(SYS_getppid));
}

static const struct act {
	const char *name;
	int arguments; /* needed */
	void (*run)(char **argument);
} acts[] = {
	{"hold", 2, act_hold},
	{"listen", 2, act_listen},
	{"by-socket", 1, act_by_socket},
	{"by-pidfd", 1, act_by_pidfd},
	{"asked", 0, act_asked},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (argc >= 2 + acts[i].arguments && strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: received ACT ARGUMENT...");
}
