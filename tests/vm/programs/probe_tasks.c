/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The acts of probe about other tasks: to load as one, to execute as one, to get into one. */

#include "tests/vm/lib/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *load_in_thread(void *ret)
{
	*(int *)ret = report("thread", load(BPF_PROG_TYPE_XDP, 0, "from_thread"));
	return NULL;
}

int act_thread(char **argument)
{
	pthread_t thread;
	int r = COULD_NOT_TRY;

	if (pthread_create(&thread, NULL, load_in_thread, &r) || pthread_join(thread, NULL))
		return could_not_try("pthread_create");
	return r;
}

int wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return could_not_try("waitpid");
	return WEXITSTATUS(status);
}

int act_fork(char **argument)
{
	pid_t child = fork();

	if (child == 0)
		exit(report("fork", load(BPF_PROG_TYPE_XDP, 0, "from_fork")));
	return child < 0 ? could_not_try("fork") : wait_for(child);
}

/* A child that shares the memory and is no thread: somebody else could write there. */
static int share_memory(int (*run)(void *), int flags, char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t child = clone(run, stack + sizeof(stack), CLONE_VM | flags | SIGCHLD, argument);

	return child < 0 ? could_not_try("clone") : wait_for(child);
}

static int load_in_clone(void *argument)
{
	return report("clone-vm", load(BPF_PROG_TYPE_XDP, 0, "from_clone"));
}

int act_clone_vm(char **argument)
{
	return share_memory(load_in_clone, 0, argument);
}

static int load_in_vfork(void *argument)
{
	return report("vfork", load(BPF_PROG_TYPE_XDP, 0, "from_vfork"));
}

/* As vfork() does, but with a stack of its own. */
int act_vfork(char **argument)
{
	return share_memory(load_in_vfork, CLONE_VFORK, argument);
}

static int exec_in_vfork(void *argument)
{
	char **arguments = argument;

	execv(arguments[0], arguments);
	_exit(could_not_try(arguments[0]));
}

int act_vfork_exec(char **argument)
{
	return share_memory(exec_in_vfork, CLONE_VFORK, argument);
}

int act_exec(char **argument)
{
	execv(argument[0], argument);
	return could_not_try(argument[0]);
}

/* Executes the rest of the line while the parent traces it. */
int act_traced_exec(char **argument)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			exit(could_not_try("PTRACE_TRACEME"));
		execv(argument[0], argument);
		exit(could_not_try(argument[0]));
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, NULL,
			WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : could_not_try("the traced child");
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

int act_shared_fs_exec(char **argument)
{
	static char stack[65536] __attribute__((aligned(16)));

	if (clone(sleep_forever, stack + sizeof(stack), CLONE_FS, NULL) < 0)
		return could_not_try("clone");
	return act_exec(argument);
}

int act_in_user_namespace(char **argument)
{
	if (unshare(CLONE_NEWUSER) < 0)
		return could_not_try("unshare");
	return act_exec(argument);
}

/* Executes the rest of the line under a filter that allows all, and whose listener we hold. */
int act_seccomp_exec(char **argument)
{
	struct sock_filter allow = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
	struct sock_fprog program = {.len = 1, .filter = &allow};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		    &program) < 0)
		return could_not_try("seccomp");
	return act_exec(argument);
}

int act_attach(char **argument)
{
	long r = ptrace(PTRACE_ATTACH, atoi(argument[0]), NULL, NULL);
	int status = report("attach", r);

	/* Not before it has stopped, or the SIGSTOP stays with it. */
	if (r == 0 && waitpid(atoi(argument[0]), NULL, __WALL) > 0)
		ptrace(PTRACE_DETACH, atoi(argument[0]), NULL, NULL);
	return status;
}

int act_open_memory(char **argument)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/mem", argument[0]);
	return report("open-memory", open(path, O_RDWR | O_CLOEXEC));
}

int act_process_vm(char **argument)
{
	static char here[8];
	/* an address that nobody has: EFAULT comes after the question whether we may */
	struct iovec local = {here, sizeof(here)}, remote = {(void *)8, sizeof(here)};
	ssize_t n = process_vm_writev(atoi(argument[0]), &local, 1, &remote, 1, 0);

	return report("process-vm", n < 0 && errno == EFAULT ? 0 : n);
}

/* Its standard output, or the descriptor of that number. */
int act_pidfd_getfd(char **argument)
{
	long pidfd = syscall(SYS_pidfd_open, atoi(argument[0]), 0);

	if (pidfd < 0)
		return could_not_try("pidfd_open");
	return report("pidfd-getfd", syscall(SYS_pidfd_getfd, pidfd,
					     argument[1] ? atoi(argument[1]) : STDOUT_FILENO, 0));
}

/* Tells its pid and waits: somebody to attach to. */
int act_sleep(char **argument)
{
	printf("%d\n", getpid());
	fflush(stdout);
	sleep(argument[0] ? (unsigned)atoi(argument[0]) : 60);
	return ALLOWED;
}

int act_traceme(char **argument)
{
	return report("traceme", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
