/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * takeover ACT [WORD...]: an exec by a thread that is not the leader. The kernel ends all other
 * threads and gives it the leader's identity, while the old memory is still there.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"

#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define RACERS 3 /* with the leader */
#define PAGE   4096

static long try_map(void)
{
	long map = new_array("taken", 0);

	if (map >= 0)
		close((int)map);
	return map;
}

static long try_load(unsigned type)
{
	return load_constant(0, type, 0, "taken");
}

/* Runs it in a thread that is not the leader; for exec, which does not come back. */
static void in_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, run, argument) == 0, "pthread_create");
	need(pthread_join(thread, NULL) == 0, "pthread_join");
}

/* --- what a process is and may do ----------------------------------------------------------- */

/* Each thread is a directory, which names its parent. */
static void act_rights(char **argument)
{
	struct stat st;

	set_up("/proc/self/task", stat("/proc/self/task", &st));
	printf("threads: %ld\n", (long)st.st_nlink - 2);
	errno = EINVAL;
	need(getpid() == gettid(), "not the leader");
	report("map", try_map());
	report("xdp", try_load(BPF_PROG_TYPE_XDP));
	report("sched_cls", try_load(BPF_PROG_TYPE_SCHED_CLS));
}

/* --- threads that ask until they die -------------------------------------------------------- */

static int first_answer; /* errno, or 0 */
static int asking;       /* the threads that have had an answer */
static char self[4096];

static int answer(void)
{
	return try_map() < 0 ? errno : 0;
}

/* Says so when the answer is another one. */
static void *ask_on(void *unused)
{
	__atomic_add_fetch(&asking, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		int e = answer();
		if (e != first_answer)
			dprintf(STDOUT_FILENO, "then: %s\n", e ? strerrorname_np(e) : "allowed");
	}
	return NULL;
}

/* Executes the words when all others are asking. */
static void *execute(void *words)
{
	char **argument = words;

	while (__atomic_load_n(&asking, __ATOMIC_SEQ_CST) < RACERS)
		sched_yield();
	execv(argument[0], argument);
	could_not_try(argument[0]);
}

/* N times this file, then the command, each by such a thread. */
static void act_race(char **argument)
{
	char number[16];
	char *again[64] = {self, "race", number};
	long left = atol(argument[0]);
	pthread_t thread;

	snprintf(number, sizeof(number), "%ld", left - 1);
	for (int i = 1; argument[i]; i++) {
		errno = E2BIG;
		need(i < 60, "the command");
		again[i + 2] = argument[i];
	}
	first_answer = answer();
	printf("race: %s\n", first_answer ? strerrorname_np(first_answer) : "allowed");
	for (int i = 1; i < RACERS; i++)
		need(pthread_create(&thread, NULL, ask_on, NULL) == 0, "pthread_create");
	need(pthread_create(&thread, NULL, execute, left > 1 ? again : argument + 1) == 0,
		"pthread_create");
	ask_on(NULL);
}

/* --- an exec that fails --------------------------------------------------------------------- */

static void *execute_in_vain(void *words)
{
	char **argument = words;

	report("exec", execv(argument[0], argument));
	report("its thread", try_map());
	return NULL;
}

static void act_in_vain(char **argument)
{
	in_thread(execute_in_vain, argument);
	report("the leader", try_map());
}

/* --- the kernel held in the middle ---------------------------------------------------------- */

/* When the kernel asks for the page: gives it when PATH.go is there. */
_Noreturn static void serve(int faults, void *page, const char *path)
{
	struct uffdio_zeropage zero = {.range = {(uintptr_t)page, PAGE}};
	struct uffd_msg message;

	alarm(300);
	need(read(faults, &message, sizeof(message)) == sizeof(message), "no fault");
	printf("held %d\n", getppid());
	fflush(stdout);
	await_go(path);
	need(ioctl(faults, UFFDIO_ZEROPAGE, &zero) == 0, "UFFDIO_ZEROPAGE");
	exit(ALLOWED);
}

/*
 * Before the old memory goes, the kernel looks there for the robust futexes of this thread, whose
 * list is in a page that is not there: futex_exec_release(), called by exec_mmap().
 */
static void *execute_held(void *words)
{
	char **argument = words;
	int faults = set_up("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {{(uintptr_t)page, PAGE}, UFFDIO_REGISTER_MODE_MISSING, 0};

	need(page != MAP_FAILED, "mmap");
	set_up("UFFDIO_API", ioctl(faults, UFFDIO_API, &api));
	set_up("UFFDIO_REGISTER", ioctl(faults, UFFDIO_REGISTER, &range));
	if (set_up("fork", fork()) == 0)
		serve(faults, page, argument[0]);
	set_up("set_robust_list",
		syscall(SYS_set_robust_list, page, sizeof(struct robust_list_head)));
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

static void act_hold(char **argument)
{
	in_thread(execute_held, argument);
}

static const struct act acts[] = {
	{"rights", 0, act_rights, NULL},
	{"race", 2, act_race, "N COMMAND..."},
	{"in-vain", 1, act_in_vain, "FILE"},
	{"hold", 2, act_hold, "PATH COMMAND..."},
};

int main(int argc, char **argv)
{
	snprintf(self, sizeof(self), "%s", argv[0]);
	return ACT_MAIN(acts, argv);
}
