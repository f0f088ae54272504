/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * restart ACT ARGUMENT... COMMAND...: executes COMMAND where a sleep that was interrupted waits to
 * be taken up again. The kernel takes it up in the place of a call that ends with
 * ERESTART_RESTARTBLOCK while a signal waits.
 */

#include "tests/vm/lib/files.h"

#include <linux/auto_dev-ioctl.h>
#include <linux/auto_fs.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define RESTARTBLOCK        516 /* ERESTART_RESTARTBLOCK of include/linux/errno.h */
#define FIELD(field)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define ANSWER(value)       BPF_STMT(BPF_RET | BPF_K, value)

/* A filter that is slow, so that a signal comes meanwhile. */
static void install(uint32_t openat_answer)
{
	static struct sock_filter filter[4096];
	const struct sock_filter last[] = {
		FIELD(nr), UNLESS(SYS_openat, 1), ANSWER(openat_answer), ANSWER(SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {4096, filter};

	for (size_t i = 0; i < 4096 - 4; i++)
		filter[i] = (struct sock_filter)FIELD(nr);
	memcpy(filter + 4096 - 4, last, sizeof(last));
	set_up("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

/* openat(2) is answered with this. */
static void answer_openat(uint32_t number)
{
	for (int i = 0; i < 5; i++)
		install(SECCOMP_RET_ALLOW);
	install(SECCOMP_RET_ERRNO | number);
}

static void stop_and_go(pid_t child)
{
	kill(child, SIGSTOP);
	usleep(50000);
	kill(child, SIGCONT);
}

/* A child with such a sleep behind it, which executes the command, under a filter if number. */
static pid_t execute_interrupted(uint32_t number, char **command)
{
	struct timespec while_stopped = {0, 600000000};
	pid_t child = set_up("fork", fork());

	if (child == 0) {
		setpgid(0, 0);
		nanosleep(&while_stopped, NULL);
		if (number)
			answer_openat(number);
		execv(command[0], command);
		could_not_try(command[0]);
	}
	usleep(150000);
	stop_and_go(child);
	usleep(600000);
	return child;
}

static void act_plain(char **command)
{
	int status = 0;

	waitpid(execute_interrupted(0, command), &status, 0);
	exit(WEXITSTATUS(status));
}

/* Signals without a handler come all the time. */
static void act_errno(char **argument)
{
	pid_t child = execute_interrupted((uint32_t)atoi(argument[0]), argument + 1);
	int status = 0;

	while (waitpid(child, &status, WNOHANG) == 0) {
		kill(child, SIGSTOP);
		kill(child, SIGCONT);
		for (volatile int i = 0; i < 2000; i++)
			;
	}
	exit(WEXITSTATUS(status));
}

/* Without a sleep, which another road may leave. */
static void act_filter(char **argument)
{
	answer_openat((uint32_t)atoi(argument[0]));
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

/* autofs DIR: a direct mount; its daemon ends the look-up with that error. */
static void act_autofs(char **argument)
{
	int requests[2], status = 0;
	char options[128];

	set_up("pipe", pipe2(requests, O_CLOEXEC | O_DIRECT));
	setpgid(0, 0);
	snprintf(options, sizeof(options), "fd=%d,pgrp=%d,minproto=5,maxproto=5,direct",
		requests[1], getpgrp());
	set_up("mount", mount("eve", argument[0], "autofs", 0, options));
	int root = open_directory(argument[0]);
	int device = open("/dev/autofs", O_RDONLY | O_CLOEXEC);
	if (device < 0)
		umount2(argument[0], MNT_DETACH);
	step("autofs", device);
	pid_t child = execute_interrupted(0, argument + 1);
	while (waitpid(child, &status, WNOHANG) == 0) {
		union autofs_v5_packet_union packet;
		struct pollfd asked = {.fd = requests[0], .events = POLLIN};
		struct autofs_dev_ioctl answer;
		if (poll(&asked, 1, 50) != 1 || read(requests[0], &packet, sizeof(packet)) <= 0)
			continue;
		init_autofs_dev_ioctl(&answer);
		answer.ioctlfd = root;
		answer.fail.token = packet.v5_packet.wait_queue_token;
		answer.fail.status = -RESTARTBLOCK;
		kill(child, SIGSTOP);
		set_up("AUTOFS_DEV_IOCTL_FAIL", ioctl(device, AUTOFS_DEV_IOCTL_FAIL, &answer));
		usleep(100000);
		kill(child, SIGCONT);
	}
	close(root);
	umount2(argument[0], MNT_DETACH);
	exit(WEXITSTATUS(status));
}

static const struct act acts[] = {
	{"plain", 1, act_plain, "COMMAND..."},
	{"errno", 2, act_errno, "NUMBER COMMAND..."},
	{"filter", 2, act_filter, "NUMBER COMMAND..."},
	{"autofs", 2, act_autofs, "DIR COMMAND..."},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
