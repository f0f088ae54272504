/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The acts of probe about other tasks: to load as one, to execute as one, to get into one. */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/probe.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static void *load_in_thread(void *unused)
{
	step("thread", load_named(BPF_PROG_TYPE_XDP, "from_thread"));
	return NULL;
}

void act_thread(char **argument)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, load_in_thread, NULL) == 0, "pthread_create");
	need(pthread_join(thread, NULL) == 0, "pthread_join");
}

void act_fork(char **argument)
{
	pid_t child = fork();

	if (child == 0)
		exit(report("fork", load_named(BPF_PROG_TYPE_XDP, "from_fork")));
	exit(wait_for(child));
}

/* In a child that shares the memory and is no thread: the parent could write there. */
_Noreturn static void share_memory(int (*run)(void *), int flags, char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));

	exit(wait_for(clone(run, stack + sizeof(stack), CLONE_VM | flags | SIGCHLD, argument)));
}

static int load_in_clone(void *argument)
{
	return report("clone-vm", load_named(BPF_PROG_TYPE_XDP, "from_clone"));
}

void act_clone_vm(char **argument)
{
	share_memory(load_in_clone, 0, argument);
}

static int load_in_vfork(void *argument)
{
	return report("vfork", load_named(BPF_PROG_TYPE_XDP, "from_vfork"));
}

/* As vfork() does, but with a stack of its own. */
void act_vfork(char **argument)
{
	share_memory(load_in_vfork, CLONE_VFORK, argument);
}

static int exec_in_vfork(void *argument)
{
	char **arguments = argument;

	execv(arguments[0], arguments);
	could_not_try(arguments[0]);
}

void act_vfork_exec(char **argument)
{
	share_memory(exec_in_vfork, CLONE_VFORK, argument);
}

void act_exec(char **argument)
{
	execv(argument[0], argument);
	could_not_try(argument[0]);
}

/* Executes the rest of the line while the parent traces it. */
void act_traced_exec(char **argument)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		set_up("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		act_exec(argument);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, NULL,
			WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
	need(WIFEXITED(status), "the traced child");
	exit(WEXITSTATUS(status));
}

/* Executes the rest of the line while another process shares its working directory (CLONE_FS). */
static int sleep_forever(void *argument)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	alarm(20);
	pause();
	return 0;
}

void act_shared_fs_exec(char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));

	set_up("clone", clone(sleep_forever, stack + sizeof(stack), CLONE_FS, NULL));
	act_exec(argument);
}

void act_in_user_namespace(char **argument)
{
	set_up("unshare", unshare(CLONE_NEWUSER));
	act_exec(argument);
}

/*
 * Executes the rest of the line under a filter whose listener we hold: it could answer
 * getitimer(2), which nobody calls.
 */
void act_seccomp_exec(char **argument)
{
	struct sock_filter asks[] = {
		{.code = BPF_LD | BPF_W | BPF_ABS, .k = offsetof(struct seccomp_data, nr)},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = SYS_getitimer},
		{.code = BPF_RET | BPF_K, .k = SECCOMP_RET_USER_NOTIF},
		{.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW},
	};
	struct sock_fprog program = {.len = sizeof(asks) / sizeof(asks[0]), .filter = asks};

	set_up("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				  SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
	act_exec(argument);
}

void act_attach(char **argument)
{
	pid_t task = atoi(argument[0]);

	step("attach", ptrace(PTRACE_ATTACH, task, NULL, NULL));
	/* Not before it has stopped, or the SIGSTOP stays with it. */
	if (waitpid(task, NULL, __WALL) > 0)
		ptrace(PTRACE_DETACH, task, NULL, NULL);
}

void act_open_memory(char **argument)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/mem", argument[0]);
	step("open-memory", open(path, O_RDWR | O_CLOEXEC));
}

void act_process_vm(char **argument)
{
	static char here[8];
	/* address 8 is not mapped: EFAULT comes after the permission was granted */
	struct iovec local = {here, sizeof(here)}, remote = {(void *)8, sizeof(here)};
	ssize_t n = process_vm_writev(atoi(argument[0]), &local, 1, &remote, 1, 0);

	step("process-vm", n < 0 && errno == EFAULT ? 0 : n);
}

/* Its standard output, or the descriptor of that number. */
void act_pidfd_getfd(char **argument)
{
	int pidfd = set_up("pidfd_open", syscall(SYS_pidfd_open, atoi(argument[0]), 0));

	step("pidfd-getfd", syscall(SYS_pidfd_getfd, pidfd,
				    argument[1] ? atoi(argument[1]) : STDOUT_FILENO, 0));
}

/* Prints its pid and waits: a task to attach to. */
void act_sleep(char **argument)
{
	printf("%d\n", getpid());
	sleep(argument[0] ? (unsigned)atoi(argument[0]) : 60);
}

void act_traceme(char **argument)
{
	step("traceme", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
