/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * filters KIND COMMAND...: executes the command under a seccomp filter of that kind, and nobody
 * listens to it. Most of them answer openat(2) with 0, which no kernel was asked for: the
 * descriptor that Eve has left open as standard input.
 */

#include "tests/vm/lib/act.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIELD(field)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(k)       BPF_STMT(BPF_RET | BPF_K, k)
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)
#define COUNT(filter)   (sizeof(filter) / sizeof((filter)[0]))

#define INSTALL(filter, flags) install(filter, COUNT(filter), flags)

static void install(struct sock_filter *filter, size_t n, unsigned flags)
{
	struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};

	set_up("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

_Noreturn static void execute(char **command)
{
	execv(command[0], command);
	could_not_try(command[0]);
}

/* --- filters that make answers up ----------------------------------------------------------- */

static void install_open(uint32_t answer, unsigned flags)
{
	struct sock_filter filter[] = {
		FIELD(nr), UNLESS(SYS_openat, 1), ANSWER(answer), ANSWER(SECCOMP_RET_ALLOW)};

	INSTALL(filter, flags);
}

static void act_zero(char **command)
{
	install_open(SECCOMP_RET_ERRNO | 0, 0);
	execute(command);
}

static void install_harmless(void)
{
	struct sock_filter filter[] = {ANSWER(SECCOMP_RET_ALLOW)};

	INSTALL(filter, 0);
}

/* Behind another, which allows all. */
static void act_stacked(char **command)
{
	install_open(SECCOMP_RET_ERRNO | 0, 0);
	install_harmless();
	execute(command);
}

/* Behind more of those than anybody installs. */
static void act_deep(char **command)
{
	install_open(SECCOMP_RET_ERRNO | 0, 0);
	for (int i = 0; i < 100; i++)
		install_harmless();
	execute(command);
}

/* The answer stands at the end of the longest filter there can be. */
static void act_long(char **command)
{
	static struct sock_filter filter[BPF_MAXINSNS];
	const struct sock_filter last[] = {
		UNLESS(SYS_openat, 1), ANSWER(SECCOMP_RET_ERRNO | 0), ANSWER(SECCOMP_RET_ALLOW)};
	const size_t begins = BPF_MAXINSNS - COUNT(last);

	for (size_t i = 0; i < begins; i++)
		filter[i] = (struct sock_filter)FIELD(nr);
	memcpy(filter + begins, last, sizeof(last));
	install(filter, BPF_MAXINSNS, 0);
	execute(command);
}

/* No answer is a constant: the accumulator is returned. */
static void act_computed(char **command)
{
	struct sock_filter filter[] = {FIELD(nr), UNLESS(SYS_openat, 2),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_A, 0)};

	INSTALL(filter, 0);
	execute(command);
}

static void *install_for_all(void *unused)
{
	install_open(SECCOMP_RET_ERRNO | 0, SECCOMP_FILTER_FLAG_TSYNC);
	return NULL;
}

/* Another thread has installed it for all of them. */
static void act_sibling(char **command)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, install_for_all, NULL) == 0, "pthread_create");
	need(pthread_join(thread, NULL) == 0, "pthread_join");
	execute(command);
}

/* Whoever comes to trace it answers. */
static void act_trace(char **command)
{
	install_open(SECCOMP_RET_TRACE, 0);
	execute(command);
}

/* Who listens may come later; until then the kernel says ENOSYS. */
static void act_notify(char **command)
{
	install_open(SECCOMP_RET_USER_NOTIF, 0);
	execute(command);
}

/* --- filters as containers and systemd install them ----------------------------------------- */

/* For getppid(2), which no program under it calls. */
static void install_usual(uint32_t answer)
{
	struct sock_filter filter[] = {FIELD(arch), UNLESS(AUDIT_ARCH_X86_64, 3), FIELD(nr),
		UNLESS(SYS_getppid, 1), ANSWER(answer), ANSWER(SECCOMP_RET_ALLOW)};

	INSTALL(filter, 0);
}

static void act_log(char **command)
{
	install_usual(SECCOMP_RET_LOG);
	execute(command);
}

static void act_kill(char **command)
{
	install_usual(SECCOMP_RET_KILL_PROCESS);
	install_usual(SECCOMP_RET_KILL_THREAD);
	execute(command);
}

static void act_trap(char **command)
{
	install_usual(SECCOMP_RET_TRAP);
	execute(command);
}

static void act_errno(char **command)
{
	install_usual(SECCOMP_RET_ERRNO | EPERM);
	install_usual(SECCOMP_RET_ERRNO | ENOSYS);
	execute(command);
}

/* As long as the filter that libseccomp makes of a container's list, and that three times. */
static void act_list(char **command)
{
	static struct sock_filter filter[1500];
	const size_t last = COUNT(filter) - 1;

	filter[0] = (struct sock_filter)FIELD(nr);
	for (size_t i = 1; i < last; i += 2) {
		filter[i] = (struct sock_filter)UNLESS(1000 + (uint32_t)i, 1);
		filter[i + 1] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | EPERM);
	}
	filter[last] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	for (int i = 0; i < 3; i++)
		install(filter, COUNT(filter), 0);
	execute(command);
}

static const struct act acts[] = {
	{"zero", 1, act_zero, "COMMAND..."},
	{"stacked", 1, act_stacked, "COMMAND..."},
	{"deep", 1, act_deep, "COMMAND..."},
	{"long", 1, act_long, "COMMAND..."},
	{"computed", 1, act_computed, "COMMAND..."},
	{"sibling", 1, act_sibling, "COMMAND..."},
	{"trace", 1, act_trace, "COMMAND..."},
	{"notify", 1, act_notify, "COMMAND..."},
	{"log", 1, act_log, "COMMAND..."},
	{"kill", 1, act_kill, "COMMAND..."},
	{"trap", 1, act_trap, "COMMAND..."},
	{"errno", 1, act_errno, "COMMAND..."},
	{"list", 1, act_list, "COMMAND..."},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
