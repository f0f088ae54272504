/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Tries one thing that may be forbidden, without any library in between, and says what the
 * kernel answered: "ACT: allowed" or "ACT: ERRNO". Exit status:
 *   0 allowed   1 refused with EPERM   2 could not try   3 refused with another errno
 *
 * Statically linked, so that a copy of it can be signed as any program of a policy.
 */

#include "tests/vm/lib/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int report(const char *act, long r)
{
	if (r >= 0) {
		printf("%s: allowed\n", act);
		return ALLOWED;
	}
	printf("%s: %s\n", act, strerrorname_np(errno));
	return errno == EPERM ? REFUSED : OTHER_ERRNO;
}

int could_not_try(const char *why)
{
	fprintf(stderr, "could not try: %s: %s\n", why, strerror(errno));
	return COULD_NOT_TRY;
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

long load(unsigned type, unsigned attach_type, const char *name)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {.prog_type = type, .expected_attach_type = attach_type};

	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = (uintptr_t) "GPL";
	memcpy(attr.prog_name, name, strnlen(name, sizeof(attr.prog_name) - 1));
	return bpf(BPF_PROG_LOAD, &attr);
}

/* A program that reads the kernel; says what the verifier says, when that refuses it. */
static int act_read_kernel(char **argument)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	static char log[1 << 16];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP, .log_level = 1, .log_size = sizeof(log)};

	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = (uintptr_t) "GPL";
	attr.log_buf = (uintptr_t)log;
	long r = bpf(BPF_PROG_LOAD, &attr);
	int e = errno;
	fputs(log, stdout);
	errno = e;
	return report("read-kernel", r);
}

static long create_map(const char *name)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY};

	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	return bpf(BPF_MAP_CREATE, &attr);
}

static int act_load(char **argument)
{
	return report("load", load(argument[0] ? (unsigned)atoi(argument[0]) : BPF_PROG_TYPE_XDP, 0,
				      argument[0] && argument[1] ? argument[1] : "from_netdev"));
}

static int act_map_create(char **argument)
{
	return report("map-create", create_map(argument[0] ? argument[0] : "eve_map"));
}

/* Any bpf() command with an attr of zeroes: a refusal comes before the kernel looks at it. */
static int act_command(char **argument)
{
	union bpf_attr attr = {0};

	return report("command", bpf(atoi(argument[0]), &attr));
}

static int act_by_id(const char *act, int cmd, char **argument)
{
	union bpf_attr attr = {.map_id = (uint32_t)strtoul(argument[0], NULL, 0)};

	return report(act, bpf(cmd, &attr));
}

static int act_map_by_id(char **argument)
{
	return act_by_id("map-by-id", BPF_MAP_GET_FD_BY_ID, argument);
}

static int act_prog_by_id(char **argument)
{
	return act_by_id("prog-by-id", BPF_PROG_GET_FD_BY_ID, argument);
}

static int act_link_by_id(char **argument)
{
	return act_by_id("link-by-id", BPF_LINK_GET_FD_BY_ID, argument);
}

/* The numbers of all maps, programs or links there are, one in a line. */
static int act_ids(char **argument)
{
	int cmd = argument[0][0] == 'm'   ? BPF_MAP_GET_NEXT_ID
		  : argument[0][0] == 'p' ? BPF_PROG_GET_NEXT_ID
					  : BPF_LINK_GET_NEXT_ID;
	union bpf_attr attr = {0};

	while (bpf(cmd, &attr) == 0) {
		printf("%u\n", attr.next_id);
		attr.start_id = attr.next_id;
	}
	return errno == ENOENT ? ALLOWED : report("ids", -1);
}

static int act_obj_get(char **argument)
{
	union bpf_attr attr = {.pathname = (uintptr_t)argument[0]};

	return report("obj-get", bpf(BPF_OBJ_GET, &attr));
}

/* Attaches a pinned program of a trampoline (tracing, LSM) and pins the link. */
static int act_attach_pinned(char **argument)
{
	union bpf_attr get = {.pathname = (uintptr_t)argument[0]}, open = {0}, pin = {0};
	long prog = bpf(BPF_OBJ_GET, &get);

	if (prog < 0)
		return could_not_try("BPF_OBJ_GET");
	open.raw_tracepoint.prog_fd = (uint32_t)prog;
	long link = bpf(BPF_RAW_TRACEPOINT_OPEN, &open);
	if (link < 0)
		return report("attach-pinned", link);
	pin.pathname = (uintptr_t)argument[1];
	pin.bpf_fd = (uint32_t)link;
	return report("attach-pinned", bpf(BPF_OBJ_PIN, &pin));
}

/* An update through a descriptor that was inherited: number 9, opened by whoever executed us. */
static int act_fd_update(char **argument)
{
	uint32_t key = 0;
	uint64_t value = 7;
	union bpf_attr attr = {.map_fd = argument[0] ? (uint32_t)atoi(argument[0]) : 9};

	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	return report("fd-update", bpf(BPF_MAP_UPDATE_ELEM, &attr));
}

/* Makes a map, then executes the rest of the line with its descriptor as number 9. */
static int act_give_map(char **argument)
{
	long fd = create_map("given");

	if (fd < 0)
		return could_not_try("BPF_MAP_CREATE");
	if (dup2((int)fd, 9) < 0)
		return could_not_try("dup2");
	execv(argument[0], argument);
	return could_not_try(argument[0]);
}

/* fmod_ret on a security hook would switch the LSM off; the verifier is never reached. */
static int act_fmod_ret(char **argument)
{
	return report("fmod-ret", load(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, "evil"));
}

/*
 * Who this code says it is: the number is in an instruction, which the programs in programs/ find
 * by its value and rewrite. Then bpf(), for what the mark is worth.
 */
#define ALICE 0x6c61c0de
#define EVE   0x65766572

static int act_who(char **argument)
{
	uint32_t who;

	__asm__ volatile("movl %1, %0" : "=r"(who) : "i"(ALICE));
	if (who != ALICE && who != EVE)
		return could_not_try("neither alice nor eve");
	return report(
		who == ALICE ? "alice" : "eve", create_map(who == ALICE ? "of_alice" : "of_eve"));
}

/*
 * Where nobody who enters by alice's front door ever comes: an ELF header that names this as the
 * entry point makes alice's own bytes do something else. No libc has been set up.
 */
__attribute__((used, noreturn)) static void other_door(void)
{
	static const char allowed[] = "other-door: allowed\n", refused[] = "other-door: EPERM\n";
	static union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	register long flags __asm__("r10") = 0;
	long r, said;

	__asm__ volatile(
		"syscall"
		: "=a"(r)
		: "a"(SYS_bpf), "D"(BPF_MAP_CREATE), "S"(&attr), "d"(sizeof(attr)), "r"(flags)
		: "rcx", "r11", "memory");
	__asm__ volatile("syscall"
			 : "=a"(said)
			 : "a"(SYS_write), "D"(STDOUT_FILENO), "S"(r >= 0 ? allowed : refused),
			 "d"(r >= 0 ? sizeof(allowed) - 1 : sizeof(refused) - 1)
			 : "rcx", "r11", "memory");
	for (;;)
		__asm__ volatile("syscall"
				 : "=a"(said)
				 : "a"(SYS_exit_group), "D"(r >= 0            ? ALLOWED
								: r == -EPERM ? REFUSED
									      : OTHER_ERRNO)
				 : "rcx", "r11", "memory");
}

/* The same load N times over, each with a name of its own, so that no two are one line. */
static int act_flood(char **argument)
{
	long refused = 0, n = atol(argument[0]);
	char name[32];

	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "flood_%ld", i);
		refused += load(BPF_PROG_TYPE_XDP, 0, name) < 0 && errno == EPERM;
	}
	printf("flood: %ld of %ld refused\n", refused, n);
	return refused == n ? REFUSED : refused ? OTHER_ERRNO : ALLOWED;
}

/* The same load N times over, all equal: what the watcher merges. */
static int act_repeat(char **argument)
{
	int r = ALLOWED;

	for (long i = 0, n = atol(argument[0]); i < n; i++)
		r = report("repeat", load(BPF_PROG_TYPE_XDP, 0, "again"));
	return r;
}

/* One load for each line of standard input: a task that lives through a change of the policy. */
static int act_on_line(char **argument)
{
	unsigned type = argument[0] ? (unsigned)atoi(argument[0]) : BPF_PROG_TYPE_XDP;
	int c, r = COULD_NOT_TRY;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready %d\n", getpid());
	while ((c = getchar()) != EOF)
		if (c == '\n')
			r = report("on-line", load(type, 0, "on_line"));
	return r;
}

/* The same in a child that was forked before, and that never executed anything itself. */
static int act_fork_on_line(char **argument)
{
	pid_t child = fork();

	if (child == 0)
		exit(act_on_line(argument));
	return child < 0 ? could_not_try("fork") : wait_for(child);
}

/* Loads under a name (comm) that it gave itself. */
static int act_renamed(char **argument)
{
	if (prctl(PR_SET_NAME, argument[0]) < 0)
		return could_not_try("PR_SET_NAME");
	return report("renamed", load(BPF_PROG_TYPE_XDP, 0, "from_renamed"));
}

static const struct act {
	const char *name;
	int arguments; /* needed */
	int (*run)(char **argument);
} acts[] = {
	{"load", 0, act_load},
	{"read-kernel", 0, act_read_kernel},
	{"map-create", 0, act_map_create},
	{"command", 1, act_command},
	{"map-by-id", 1, act_map_by_id},
	{"prog-by-id", 1, act_prog_by_id},
	{"link-by-id", 1, act_link_by_id},
	{"ids", 1, act_ids},
	{"obj-get", 1, act_obj_get},
	{"fd-update", 0, act_fd_update},
	{"attach-pinned", 2, act_attach_pinned},
	{"give-map", 1, act_give_map},
	{"thread", 0, act_thread},
	{"fork", 0, act_fork},
	{"clone-vm", 0, act_clone_vm},
	{"vfork", 0, act_vfork},
	{"vfork-exec", 1, act_vfork_exec},
	{"exec", 1, act_exec},
	{"traced-exec", 1, act_traced_exec},
	{"shared-fs-exec", 1, act_shared_fs_exec},
	{"user-namespace-exec", 1, act_in_user_namespace},
	{"seccomp-exec", 1, act_seccomp_exec},
	{"attach", 1, act_attach},
	{"open-memory", 1, act_open_memory},
	{"process-vm", 1, act_process_vm},
	{"pidfd-getfd", 1, act_pidfd_getfd},
	{"sleep", 0, act_sleep},
	{"traceme", 0, act_traceme},
	{"fmod-ret", 0, act_fmod_ret},
	{"who", 0, act_who},
	{"flood", 1, act_flood},
	{"repeat", 1, act_repeat},
	{"on-line", 0, act_on_line},
	{"fork-on-line", 0, act_fork_on_line},
	{"renamed", 1, act_renamed},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[1], acts[i].name) == 0 && argc - 2 >= acts[i].arguments)
			return acts[i].run(argv + 2);
	fprintf(stderr, "usage: probe ACT [ARGUMENT]...; acts:");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		fprintf(stderr, " %s", acts[i].name);
	fputc('\n', stderr);
	return COULD_NOT_TRY;
}
