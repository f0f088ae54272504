/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * bench ACT ROUNDS N [ARGUMENT]: does one thing N times, ROUNDS times over, and prints the
 * nanoseconds of one time for each round. Statically linked, so that a copy can be signed and
 * nothing but the thing itself is measured. Knows nothing of who enforces what.
 */

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define CLAIM "user.bpfsign"

static int map_fd = -1;

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

static const struct act {
	const char *name;
	void (*before)(char *argument); /* each round, not measured; or NULL */
	void (*run)(char *argument);
} acts[] = {
	{"exec", NULL, act_exec},
	{"first-exec", touch_claim, act_exec},
	{"open", NULL, act_open},
	{"update", make_map, act_update},
};

static void measure(const struct act *act, int rounds, int n, char *argument)
{
	for (int round = -1; round < rounds; round++) { /* the first warms up */
		if (act->before)
			act->before(argument);
		uint64_t started = now_ns();
		for (int i = 0; i < n; i++)
			act->run(argument);
		uint64_t ended = now_ns();
		if (round >= 0)
			printf("%.1f\n", (double)(ended - started) / n);
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
	fputs("usage: bench exec|first-exec|open|update ROUNDS N [FILE]\n", stderr);
	return 2;
}
