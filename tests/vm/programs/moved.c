/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * moved: does what each line of standard input says, "0 ACT [WORD...]", and answers: what a control
 * program looks at through hooks that cannot sleep, and the call that judges its mark again.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/told.h"

#include <linux/keyctl.h>
#include <sys/vfs.h>

#include "bpf/contract/abi.h"

static int act_tid(char **word)
{
	return say("%d", getpid());
}

/* RING NAME: a key in a ring */
static int act_search(char **word)
{
	return say_result(syscall(
		SYS_keyctl, KEYCTL_SEARCH, strtol(word[0], NULL, 0), "asymmetric", word[1], 0));
}

/* RING */
static int act_read(char **word)
{
	return say_result(syscall(SYS_keyctl, KEYCTL_READ, strtol(word[0], NULL, 0), NULL, 0));
}

/* RING: what nobody does without an order */
static int act_clear(char **word)
{
	return say_result(syscall(SYS_keyctl, KEYCTL_CLEAR, strtol(word[0], NULL, 0)));
}

/* PATH */
static int act_stat(char **word)
{
	struct statfs fs;

	return say_result(statfs(word[0], &fs));
}

static int act_control(char **word)
{
	union bpf_attr attr = {0};

	return say_result(bpf(BS_COMMAND_CONTROL, &attr));
}

static const struct told acts[] = {
	{"tid", 0, act_tid},
	{"search", 2, act_search},
	{"read", 1, act_read},
	{"clear", 1, act_clear},
	{"stat", 1, act_stat},
	{"control", 0, act_control},
};

int main(void)
{
	static char line[256];
	char *words[TOLD_WORDS + 1];

	while (fgets(line, sizeof(line), stdin)) {
		cut_line(line, words);
		DO_TOLD(acts, words);
	}
	return ALLOWED;
}
