/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A program's descriptor that is never where one looks: a thread moves it between two numbers,
 * while another one attaches it to a socket, thousands of times, and talks netlink.
 *
 *   mover here READY GO        loads one, and tries when the file GO is there
 *   mover forked READY GO      the same in a child that is made then
 *   mover unshared READY GO    the same in a thread that takes a table of its own then
 *   mover given                tries with the one that it inherits as number 9
 *   mover give COMMAND...      loads one and executes the command with it
 *   mover bare                 tries both without any, by numbers that nothing has
 *   mover closed READY GO      loads one, closes it then, and tries both
 *
 * Writes the file READY when it has one. "attached some|never refused N other N of N", and the same
 * of netlink.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>

#define LOW   9
#define HIGH  1000 /* so far away that a look at both takes a while */
#define TRIES 3000

static void tries(const char *what, long (*try)(void))
{
	int done = 0, refused = 0, other = 0;

	for (int i = 0; i < TRIES; i++)
		if (try() >= 0)
			done++;
		else if (errno == EPERM)
			refused++;
		else
			other++;
	printf("%s %s refused %d other %s of %d\n", what, done ? "some" : "never", refused,
		other ? "some" : "0", TRIES);
}

static long attach(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = set_up("socket", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &(int){LOW}, sizeof(int));
}

/* As getaddrinfo() does: asks for the interfaces' addresses. */
static long talk(void)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg about;
	} request = {.header = {.nlmsg_len = sizeof(request),
			     .nlmsg_type = RTM_GETADDR,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
	int fd = set_up("netlink", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	long r = send(fd, &request, sizeof(request), 0);
	int e = errno;

	close(fd);
	errno = e;
	return r;
}

static void try_both(void)
{
	tries("attached", attach);
	tries("netlink", talk);
}

static volatile int in_a_hurry;

static void move_to(int to, int from)
{
	dup2(from, to);
	close(from);
	if (!in_a_hurry)
		usleep(20);
}

static void *move(void *unused)
{
	for (;;) {
		move_to(HIGH, LOW);
		move_to(LOW, HIGH);
	}
	return NULL;
}

static void begin_moving(void)
{
	pthread_t mover;

	errno = pthread_create(&mover, NULL, move, NULL);
	need(!errno, "pthread_create");
}

static void get_program(void)
{
	int fd = set_up("load", load_constant(1, BPF_PROG_TYPE_SOCKET_FILTER, 0, "moved"));

	set_up("dup2", dup2(fd, LOW));
	close(fd);
}

static void await(char **argument)
{
	close(set_up(argument[0], creat(argument[0], 0600)));
	await_file(argument[1]);
	in_a_hurry = 1;
}

static void act_here(char **argument)
{
	get_program();
	begin_moving();
	await(argument);
	try_both();
}

static void act_forked(char **argument)
{
	get_program();
	await(argument);
	pid_t child = fork();
	if (child == 0) {
		begin_moving();
		try_both();
		exit(ALLOWED);
	}
	wait_for(child);
}

static void *try_alone(void *unused)
{
	set_up("unshare", unshare(CLONE_FILES));
	try_both();
	return NULL;
}

static void act_unshared(char **argument)
{
	pthread_t alone;

	get_program();
	await(argument);
	errno = pthread_create(&alone, NULL, try_alone, NULL);
	need(!errno, "pthread_create");
	pthread_join(alone, NULL);
}

static void act_given(char **argument)
{
	in_a_hurry = 1;
	begin_moving();
	try_both();
}

static void act_give(char **argument)
{
	get_program();
	execv(argument[0], argument);
	could_not_try(argument[0]);
}

static void act_bare(char **argument)
{
	try_both();
}

static void act_closed(char **argument)
{
	get_program();
	await(argument);
	close(LOW);
	try_both();
}

static const struct act acts[] = {
	{"here", 2, act_here, "READY GO"},
	{"forked", 2, act_forked, "READY GO"},
	{"unshared", 2, act_unshared, "READY GO"},
	{"given", 0, act_given, NULL},
	{"give", 1, act_give, "COMMAND..."},
	{"bare", 0, act_bare, NULL},
	{"closed", 2, act_closed, "READY GO"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
