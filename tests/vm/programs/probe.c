/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Tries one thing that may be forbidden. Statically linked, so that a copy of it can be signed as
 * any program of a policy.
 */

#include "tests/vm/lib/alice.h"
#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/probe.h"

#include <sys/prctl.h>

/* Under that name, as maps are that user space may map. */
static long create_map(const char *name)
{
	return new_array(name, BPF_F_MMAPABLE);
}

/* A program that reads the kernel; prints the verifier's log. */
static void act_read_kernel(char **argument)
{
	static const struct bpf_insn insns[] = {
		MOVE(BPF_REG_1, BPF_REG_10),
		ADD(BPF_REG_1, -8),
		SET(BPF_REG_2, 8),
		SET(BPF_REG_3, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel),
		SET(BPF_REG_0, 0),
		EXIT,
	};
	static char log[1 << 16];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP, .log_level = 1, .log_size = sizeof(log)};

	attr.insns = pointer(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = pointer("GPL");
	attr.log_buf = pointer(log);
	long r = bpf(BPF_PROG_LOAD, &attr);
	int e = errno;
	fputs(log, stdout);
	errno = e;
	step("read-kernel", r);
}

static void act_load(char **argument)
{
	unsigned type = argument[0] ? (unsigned)atoi(argument[0]) : BPF_PROG_TYPE_XDP;

	step("load", load_named(type, argument[0] && argument[1] ? argument[1] : "from_netdev"));
}

static void act_map_create(char **argument)
{
	step("map-create", create_map(argument[0] ? argument[0] : "eve_map"));
}

/* Any bpf() command with an attr of zeroes: a refusal comes before the kernel looks at it. */
static void act_command(char **argument)
{
	union bpf_attr attr = {0};

	step("command", bpf(atoi(argument[0]), &attr));
}

/* All from the first to the last, again and again until killed; a line when an answer is another.
 */
static void act_commands(char **argument)
{
	int first = atoi(argument[0]), last = atoi(argument[1]), answers[16] = {0};
	union bpf_attr attr = {0};

	for (int at = first;; at = at == last ? first : at + 1) {
		int error = bpf(at, &attr) < 0 ? errno : 0;
		if (error != answers[at % 16])
			printf("%x: %s\n", at, error ? strerrorname_np(error) : "allowed");
		fflush(stdout);
		answers[at % 16] = error;
		if (at == last)
			usleep(1000);
	}
}

static void obtain(const char *name, int cmd, char **argument)
{
	step(name, open_id(cmd, (uint32_t)strtoul(argument[0], NULL, 0)));
}

static void act_map_by_id(char **argument)
{
	obtain("map-by-id", BPF_MAP_GET_FD_BY_ID, argument);
}

static void act_prog_by_id(char **argument)
{
	obtain("prog-by-id", BPF_PROG_GET_FD_BY_ID, argument);
}

static void act_link_by_id(char **argument)
{
	obtain("link-by-id", BPF_LINK_GET_FD_BY_ID, argument);
}

/* The numbers of all maps, programs or links there are, one in a line. */
static void act_ids(char **argument)
{
	int cmd = argument[0][0] == 'm'   ? BPF_MAP_GET_NEXT_ID
		  : argument[0][0] == 'p' ? BPF_PROG_GET_NEXT_ID
					  : BPF_LINK_GET_NEXT_ID;

	for (uint32_t id = 0; (id = next_id(cmd, id)) != 0;)
		printf("%u\n", id);
}

static void act_obj_get(char **argument)
{
	step("obj-get", open_pin(argument[0]));
}

/* Attaches a pinned program of a trampoline (tracing, LSM) and pins the link. */
static void act_attach_pinned(char **argument)
{
	union bpf_attr open = {0};

	open.raw_tracepoint.prog_fd = (uint32_t)step("open", open_pin(argument[0]));
	int link = step("attach-pinned", bpf(BPF_RAW_TRACEPOINT_OPEN, &open));
	step("pin", pin(link, argument[1]));
}

/* An update through a descriptor that was inherited: number 9, opened by our parent. */
static void act_fd_update(char **argument)
{
	uint64_t value = 7;

	step("fd-update", update(argument[0] ? atoi(argument[0]) : 9, &value));
}

/* Makes a map, then executes the rest of the line with its descriptor as number 9. */
static void act_give_map(char **argument)
{
	set_up("dup2", dup2(set_up("BPF_MAP_CREATE", create_map("given")), 9));
	act_exec(argument);
}

/* fmod_ret on a security hook would switch the LSM off; the verifier is never reached. */
static void act_fmod_ret(char **argument)
{
	step("fmod-ret", load_constant(0, BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, "evil"));
}

/*
 * Prints the owner of this code: the number is in an instruction, which other programs find by its
 * value and rewrite. Then makes a map, which tells what the mark is worth.
 */
__attribute__((noinline)) static void act_who(char **argument)
{
	uint32_t who;

	__asm__ volatile("movl %1, %0" : "=r"(who) : "i"(ALICE));
	errno = EINVAL;
	need(who == ALICE || who == EVE, "neither alice nor eve");
	step(who == ALICE ? "alice" : "eve", create_map(who == ALICE ? "of_alice" : "of_eve"));
}

/* The same when PATH.go is there; its page is in use before. */
static void act_who_later(char **argument)
{
	void (*who)(char **) = act_who;
	const volatile char *page;

	memcpy(&page, &who, sizeof(page));
	(void)*page;
	await_go(argument[0]);
	act_who(argument);
}

/*
 * Never reached from alice's own entry point: an ELF header that names this as the entry point
 * makes alice's own bytes do something else. No libc has been set up.
 */
static long call(long number, long a, const void *b, long c)
{
	register long flags __asm__("r10") = 0;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(flags)
			 : "rcx", "r11", "memory");
	return r;
}

__attribute__((used, noreturn)) static void other_door(void)
{
	static const char allowed[] = "other-door: allowed\n", refused[] = "other-door: EPERM\n",
			  failed[] = "other-door: another errno\n";
	static union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	long r = call(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (r >= 0)
		call(SYS_write, STDOUT_FILENO, allowed, sizeof(allowed) - 1);
	else if (r == -EPERM)
		call(SYS_write, STDOUT_FILENO, refused, sizeof(refused) - 1);
	else
		call(SYS_write, STDOUT_FILENO, failed, sizeof(failed) - 1);
	for (;;)
		call(SYS_exit_group,
			r >= 0        ? ALLOWED
			: r == -EPERM ? REFUSED
				      : OTHER_ERRNO,
			NULL, 0);
}

/* The same load N times over, each with a name of its own, so that no two are one line. */
static void act_flood(char **argument)
{
	long refused = 0, n = atol(argument[0]), by = argument[1] ? atol(argument[1]) : n;
	char name[32];

	errno = EINVAL;
	need(n > 0, argument[0]);
	for (long i = 0; i < n; i++) {
		if (i > 0 && i % by == 0) {
			pid_t child = fork();
			need(child >= 0, "fork");
			if (child > 0)
				exit(wait_for(child));
		}
		snprintf(name, sizeof(name), "flood_%ld", i);
		long program = load_named(BPF_PROG_TYPE_XDP, name);
		need(program >= 0 || errno == EPERM, "a load");
		refused += program < 0;
		if (program >= 0)
			close((int)program);
	}
	printf("flood: %ld of %ld refused\n", refused, n);
	exit(refused == n ? REFUSED : refused ? OTHER_ERRNO : ALLOWED);
}

/* Opens a link N times over: if it is one of the enforcement's own, each is an alarm. */
static void act_alarm(char **argument)
{
	long refused = 0, n = atol(argument[0]);

	errno = EINVAL;
	need(n > 0, argument[0]);
	for (long i = 0; i < n; i++)
		refused += open_id(BPF_LINK_GET_FD_BY_ID, (uint32_t)atol(argument[1])) < 0;
	printf("alarm: %ld of %ld refused\n", refused, n);
	exit(refused == n ? REFUSED : OTHER_ERRNO);
}

/* The same load N times over, all equal: the watcher merges their records. */
static void act_repeat(char **argument)
{
	int r = COULD_NOT_TRY;

	for (long i = 0, n = atol(argument[0]); i < n; i++)
		r = report("repeat", load_named(BPF_PROG_TYPE_XDP, "again"));
	exit(r);
}

/* One load for each line of standard input: a task that lives through a change of the policy. */
static void act_on_line(char **argument)
{
	unsigned type = argument[0] ? (unsigned)atoi(argument[0]) : BPF_PROG_TYPE_XDP;
	int c, r = COULD_NOT_TRY;

	printf("ready %d\n", getpid());
	while ((c = getchar()) != EOF)
		if (c == '\n')
			r = report("on-line", load_named(type, "on_line"));
	exit(r);
}

/* The same in a child that was forked before, and that never executed anything itself. */
static void act_fork_on_line(char **argument)
{
	pid_t child = fork();

	if (child == 0)
		act_on_line(argument);
	exit(wait_for(child));
}

/* Loads under a name (comm) that it gave itself. */
static void act_renamed(char **argument)
{
	set_up("PR_SET_NAME", prctl(PR_SET_NAME, argument[0]));
	step("renamed", load_named(BPF_PROG_TYPE_XDP, "from_renamed"));
}

static const struct act acts[] = {
	{"load", 0, act_load, "[TYPE [NAME]]"},
	{"read-kernel", 0, act_read_kernel, NULL},
	{"map-create", 0, act_map_create, "[NAME]"},
	{"command", 1, act_command, "NUMBER"},
	{"commands", 2, act_commands, "FIRST LAST"},
	{"map-by-id", 1, act_map_by_id, "ID"},
	{"prog-by-id", 1, act_prog_by_id, "ID"},
	{"link-by-id", 1, act_link_by_id, "ID"},
	{"ids", 1, act_ids, "map|program|link"},
	{"obj-get", 1, act_obj_get, "PIN"},
	{"fd-update", 0, act_fd_update, "[FD]"},
	{"attach-pinned", 2, act_attach_pinned, "PIN LINK"},
	{"give-map", 1, act_give_map, "COMMAND..."},
	{"thread", 0, act_thread, NULL},
	{"fork", 0, act_fork, NULL},
	{"clone-vm", 0, act_clone_vm, NULL},
	{"vfork", 0, act_vfork, NULL},
	{"vfork-exec", 1, act_vfork_exec, "COMMAND..."},
	{"exec", 1, act_exec, "COMMAND..."},
	{"traced-exec", 1, act_traced_exec, "COMMAND..."},
	{"shared-fs-exec", 1, act_shared_fs_exec, "COMMAND..."},
	{"user-namespace-exec", 1, act_in_user_namespace, "COMMAND..."},
	{"seccomp-exec", 1, act_seccomp_exec, "COMMAND..."},
	{"attach", 1, act_attach, "PID"},
	{"open-memory", 1, act_open_memory, "PID"},
	{"process-vm", 1, act_process_vm, "PID"},
	{"pidfd-getfd", 1, act_pidfd_getfd, "PID [FD]"},
	{"sleep", 0, act_sleep, "[SECONDS]"},
	{"traceme", 0, act_traceme, NULL},
	{"fmod-ret", 0, act_fmod_ret, NULL},
	{"who", 0, act_who, NULL},
	{"who-later", 1, act_who_later, "PATH"},
	{"flood", 1, act_flood, "N [BY-A-PROCESS]"},
	{"alarm", 2, act_alarm, "N LINK"},
	{"repeat", 1, act_repeat, "N"},
	{"on-line", 0, act_on_line, "[TYPE]"},
	{"fork-on-line", 0, act_fork_on_line, "[TYPE]"},
	{"renamed", 1, act_renamed, "NAME"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
