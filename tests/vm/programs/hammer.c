/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * hammer bpf ROUNDS | hammer exec ROUNDS: asks for decisions as fast as it can, in this process or
 * each time in a new one that executes the same file. One of two policies is in force at any time:
 * FIRST lets it load XDP programs of two instructions, SECOND socket filters of three; both let it
 * make maps. An approval that only a mixture of the two would give is counted as "half", a refusal
 * of an act that both allow as "wrong": decisions N execs N half N wrong N
 */

#include "tests/vm/lib/bpf.h"

#define NEVER 12 /* cheap decisions beside each of the others */

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

/* A new process that executes this file and does one round. */
static void execute(char *self, struct counts *counts)
{
	struct counts made;
	int ends[2];

	set_up("pipe", pipe(ends));
	pid_t child = fork();
	if (child == 0) {
		char number[16];
		snprintf(number, sizeof(number), "%d", ends[1]);
		execl(self, self, "once", number, NULL);
		_exit(COULD_NOT_TRY);
	}
	close(ends[1]);
	need(read(ends[0], &made, sizeof(made)) == sizeof(made), "a child");
	need(wait_for(child) == ALLOWED, "a child");
	close(ends[0]);
	counts->decisions += made.decisions;
	counts->execs++;
	counts->half += made.half;
	counts->wrong += made.wrong;
}

int main(int argc, char **argv)
{
	struct counts counts = {0};

	errno = EINVAL;
	need(argc == 3, "usage: hammer bpf|exec ROUNDS");
	if (strcmp(argv[1], "once") == 0) {
		one_round(&counts);
		return write(atoi(argv[2]), &counts, sizeof(counts)) != sizeof(counts);
	}
	for (int i = atoi(argv[2]); i > 0; i--) {
		if (strcmp(argv[1], "exec") == 0)
			execute(argv[0], &counts);
		else
			one_round(&counts);
	}
	printf("decisions %u execs %u half %u wrong %u\n", counts.decisions, counts.execs,
		counts.half, counts.wrong);
	return 0;
}
