/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * bench ACT ROUNDS N [ARGUMENT]: does one thing N times, ROUNDS times over, and prints the
 * nanoseconds of one time for each round; of several rounds, one more warms up. Statically linked,
 * so that a copy can be signed and nothing but the thing itself is measured. Knows nothing of who
 * enforces what.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define CLAIM "user.bpfsign"

static int map_fd = -1;
static int netlink_fd = -1;
static struct bpf_insn *program;
static uint32_t program_size; /* in instructions */
static uint64_t said_ns;      /* by the kernel, of what is measured: see struct act */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void act_exec(char *path)
{
	char *argv[] = {path, NULL};
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv(path, argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		die(path);
}

static void act_open(char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || close(fd) < 0)
		die(path);
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void act_update(char *unused)
{
	uint32_t key = 0;
	uint64_t value = 1;
	union bpf_attr attr = {.map_fd = (uint32_t)map_fd};

	(void)unused;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
		die("BPF_MAP_UPDATE_ELEM");
}

static void make_map(char *unused)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH};

	(void)unused;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = 16;
	map_fd = (int)bpf(BPF_MAP_CREATE, &attr);
	if (map_fd < 0)
		die("BPF_MAP_CREATE");
}

/* Writes the claim as it is, after which nothing verified of it may be kept. */
static void touch_claim(char *path)
{
	char value[4096];
	ssize_t size = getxattr(path, CLAIM, value, sizeof(value));

	if (size < 0 || setxattr(path, CLAIM, value, (size_t)size, XATTR_REPLACE) < 0)
		die(path);
}

/* So many descriptors, the socket among them. */
static void make_netlink(char *number)
{
	int n = number ? atoi(number) : 0;
	struct rlimit limit = {(rlim_t)n + 64, (rlim_t)n + 64};

	if (netlink_fd >= 0)
		return;
	netlink_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (netlink_fd < 0 || (n > 512 && setrlimit(RLIMIT_NOFILE, &limit) < 0))
		die("netlink");
	for (int fd = netlink_fd; fd < n - 1;)
		if ((fd = dup(netlink_fd)) < 0)
			die("dup");
}

/* A message that the kernel passes over, and does not answer. */
static void act_netlink(char *unused)
{
	struct nlmsghdr message = {.nlmsg_len = sizeof(message), .nlmsg_type = NLMSG_NOOP};

	(void)unused;
	if (send(netlink_fd, &message, sizeof(message), 0) < 0)
		die("send");
}

enum {
	K = BPF_ALU64 | BPF_K, /* with a constant */
	X = BPF_ALU64 | BPF_X, /* with a register */
	CALL = BPF_JMP | BPF_CALL,
	EXIT = BPF_JMP | BPF_EXIT,
	BRANCH = BPF_JMP | BPF_JGT | BPF_K,
	LOAD_U32 = BPF_LDX | BPF_MEM | BPF_W,
	LOAD_U64 = BPF_LDX | BPF_MEM | BPF_DW,
	STORE_U32 = BPF_STX | BPF_MEM | BPF_W,
	STORE_U64 = BPF_STX | BPF_MEM | BPF_DW,
};

/*
 * Twenty instructions that a socket filter is filled with: a call, arithmetic, its stack and its
 * context. None that the verifier replaces by several: each of those moves all that follow.
 * Code, destination, source, offset, constant.
 */
static const struct bpf_insn filling[] = {
	{CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns}, /* or another one: see make_program() */
	{X | BPF_MOV, 7, 0, 0, 0},
	{K | BPF_AND, 7, 0, 0, 0xff},
	{X | BPF_ADD, 8, 7, 0, 0},
	{STORE_U64, 10, 8, -8, 0},
	{LOAD_U64, 2, 10, -8, 0},
	{X | BPF_XOR, 2, 7, 0, 0},
	{K | BPF_LSH, 2, 0, 0, 3},
	{X | BPF_MOV, 3, 2, 0, 0},
	{K | BPF_RSH, 3, 0, 0, 5},
	{K | BPF_MUL, 3, 0, 0, 17},
	{STORE_U32, 10, 3, -16, 0},
	{LOAD_U32, 4, 6, 0, 0}, /* __sk_buff.len */
	{X | BPF_ADD, 4, 3, 0, 0},
	{K | BPF_MOV, 5, 0, 0, 0x2545},
	{X | BPF_OR, 5, 4, 0, 0},
	{STORE_U64, 10, 5, -24, 0},
	{X | BPF_MOV, 8, 5, 0, 0},
	{X | BPF_SUB, 8, 7, 0, 0}, /* or a branch */
	{K | BPF_ADD, 8, 0, 0, 3},
};

/*
 * A socket filter of so many instructions. Both ways of a branch are verified, and those not yet
 * followed may be 8192 at most: of every hundred instructions one is a branch.
 */
static void make_program(char *size)
{
	static const struct bpf_insn begin[] = {
		{X | BPF_MOV, 6, 1, 0, 0}, {K | BPF_MOV, 8, 0, 0, 0}};
	static const struct bpf_insn end[] = {{K | BPF_MOV, 0, 0, 0, 0}, {EXIT, 0, 0, 0, 0}};
	uint32_t room = sizeof(filling) / sizeof(filling[0]);

	usleep(100000); /* a program is freed some time after its end */
	if (program)
		return;
	program_size = (uint32_t)atoi(size ? size : "0");
	errno = EINVAL;
	program = program_size >= 4 ? calloc(program_size, sizeof(*program)) : NULL;
	if (!program)
		die("SIZE");
	memcpy(program, begin, sizeof(begin));
	for (uint32_t i = 2; i < program_size - 2; i++) {
		uint32_t place = (i - 2) % room, turn = (i - 2) / room;
		program[i] = filling[place];
		if (place == 0 && turn % 2)
			program[i].imm = BPF_FUNC_get_prandom_u32;
		if (place == room - 2 && turn % 5 == 4)
			program[i] = (struct bpf_insn){BRANCH, 7, 0, 1, 7};
	}
	memcpy(program + program_size - 2, end, sizeof(end));
}

/* Without a name it could pass for a probe, of which less is looked at. */
static void load(union bpf_attr *attr)
{
	attr->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr->insns = (uintptr_t)program;
	attr->insn_cnt = program_size;
	attr->license = (uintptr_t) "GPL";
	memcpy(attr->prog_name, "bench", sizeof("bench"));

	long fd = bpf(BPF_PROG_LOAD, attr);
	if (fd < 0 || close((int)fd) < 0)
		die("BPF_PROG_LOAD");
}

static void act_load(char *unused)
{
	union bpf_attr attr = {0};

	(void)unused;
	load(&attr);
}

/* How long the verifier says that it took, which it does in microseconds. */
static void act_verify(char *unused)
{
	char log[4096] = "";
	unsigned long long microseconds;
	union bpf_attr attr = {0};

	(void)unused;
	attr.log_level = 4; /* BPF_LOG_STATS: no more than a summary */
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	load(&attr);
	char *said = strstr(log, "verification time ");
	if (!said || sscanf(said, "verification time %llu usec", &microseconds) != 1)
		die("the verifier's log");
	said_ns += microseconds * 1000;
}

static const struct act {
	const char *name;
	void (*before)(char *argument); /* each round, not measured; or NULL */
	void (*run)(char *argument);
	int said; /* the time is not measured, but what run() added to said_ns */
} acts[] = {
	{"exec", NULL, act_exec, 0},
	{"first-exec", touch_claim, act_exec, 0},
	{"open", NULL, act_open, 0},
	{"update", make_map, act_update, 0},
	{"netlink", make_netlink, act_netlink, 0},
	{"load", make_program, act_load, 0},
	{"verify", make_program, act_verify, 1},
};

static void measure(const struct act *act, int rounds, int n, char *argument)
{
	for (int round = rounds > 1 ? -1 : 0; round < rounds; round++) { /* -1 warms up */
		if (act->before)
			act->before(argument);
		said_ns = 0;
		uint64_t started = now_ns();
		for (int i = 0; i < n; i++)
			act->run(argument);
		uint64_t ended = now_ns();
		if (round >= 0)
			printf("%.1f\n", (double)(act->said ? said_ns : ended - started) / n);
	}
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc >= 4 && i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(argv[1], acts[i].name))
			continue;
		measure(&acts[i], atoi(argv[2]), atoi(argv[3]), argv[4]);
		return 0;
	}
	fputs("usage: bench exec|first-exec|open|update|netlink|load|verify ROUNDS N [FILE|SIZE]\n",
		stderr);
	return 2;
}
