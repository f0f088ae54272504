/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * hammer bpf|threads|fork|exec ROUNDS|SECONDSs: asks for decisions as fast as it can, in this
 * process, in several threads, or each time in a new process, which executes the same file or does
 * not; on all processors in turn. One of two policies is in force at any time: FIRST lets it load
 * XDP programs of two instructions, SECOND socket filters of three; both let it make maps. An
 * approval that only a mixture of the two would give is counted as "half", a refusal of an act that
 * both allow as "wrong": decisions N execs N half N wrong N
 */

#include "tests/vm/lib/bpf.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define NEVER   12 /* cheap decisions beside each of the others */
#define THREADS 4

struct counts {
	uint32_t decisions, execs, half, wrong;
};

static long load_first(unsigned type, unsigned instructions)
{
	static const struct bpf_insn code[] = {SET(BPF_REG_0, 0), SET(BPF_REG_0, 0), EXIT};

	return load(type, 0, 0, "hammered", code + 3 - instructions, instructions);
}

/* Counts one decision; returns whether it was for us. Any errno but EPERM is an accident. */
static int granted(struct counts *counts, long r)
{
	counts->decisions++;
	if (r >= 0)
		close((int)r);
	else if (errno != EPERM)
		could_not_try("a decision");
	return r >= 0;
}

static void one_round(struct counts *counts)
{
	granted(counts, load_first(BPF_PROG_TYPE_XDP, 2)); /* either answer is right */
	granted(counts, load_first(BPF_PROG_TYPE_SOCKET_FILTER, 3));
	counts->wrong += !granted(counts, new_array("", 0));
	for (int i = 0; i < NEVER; i++)
		counts->half += granted(counts, load_first(BPF_PROG_TYPE_XDP, 3));
}

/* From now on this thread runs on that processor, or on the one before, where there are fewer. */
static void run_on(unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &set);
	set_up("a processor", sched_setaffinity(0, sizeof(set), &set));
}

static void add(struct counts *counts, const struct counts *made)
{
	counts->decisions += made->decisions;
	counts->half += made->half;
	counts->wrong += made->wrong;
}

/* One round in a new process, which executes this file if self is not NULL. */
static void in_child(char *self, struct counts *counts)
{
	struct counts made = {0};
	int ends[2];

	set_up("pipe", pipe(ends));
	pid_t child = set_up("fork", fork());
	if (child == 0 && self) {
		char number[16];
		snprintf(number, sizeof(number), "%d", ends[1]);
		execl(self, self, "once", number, NULL);
		_exit(COULD_NOT_TRY);
	}
	if (child == 0) {
		one_round(&made);
		_exit(write(ends[1], &made, sizeof(made)) != sizeof(made));
	}
	close(ends[1]);
	need(read(ends[0], &made, sizeof(made)) == sizeof(made), "a child");
	need(wait_for(child) == ALLOWED, "a child");
	close(ends[0]);
	counts->execs += self != NULL;
	add(counts, &made);
}

static void *one_thread(void *counts)
{
	static unsigned n;

	run_on(__sync_fetch_and_add(&n, 1));
	one_round(counts);
	return NULL;
}

/* One round in each of several threads, at once. */
static void in_threads(struct counts *counts)
{
	struct counts made[THREADS] = {0};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, one_thread, &made[i]) == 0, "a thread");
	for (int i = 0; i < THREADS; i++) {
		need(pthread_join(threads[i], NULL) == 0, "a thread");
		add(counts, &made[i]);
	}
}

/* limit: so many rounds, or, with an 's' behind it, seconds. */
static int is_over(const char *limit, unsigned rounds)
{
	static time_t begun;
	struct timespec now;

	if (!strchr(limit, 's'))
		return rounds >= (unsigned)atoi(limit);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (rounds == 0)
		begun = now.tv_sec;
	return now.tv_sec - begun >= atoi(limit);
}

int main(int argc, char **argv)
{
	struct counts counts = {0};

	errno = EINVAL;
	need(argc == 3, "usage: hammer bpf|threads|fork|exec ROUNDS|SECONDSs");
	if (strcmp(argv[1], "once") == 0) {
		one_round(&counts);
		return write(atoi(argv[2]), &counts, sizeof(counts)) != sizeof(counts);
	}
	for (unsigned i = 0; !is_over(argv[2], i); i++) {
		run_on(i);
		if (strcmp(argv[1], "threads") == 0)
			in_threads(&counts);
		else if (strcmp(argv[1], "bpf") == 0)
			one_round(&counts);
		else
			in_child(strcmp(argv[1], "exec") == 0 ? argv[0] : NULL, &counts);
	}
	printf("decisions %u execs %u half %u wrong %u\n", counts.decisions, counts.execs,
		counts.half, counts.wrong);
	return 0;
}
