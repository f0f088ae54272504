/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * keeper PIN: pins a map, has a child and a pipe, and then does with them what each line of
 * standard input says, "0 ACT", and answers: what hooks decide that cannot sleep.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/told.h"

#include <signal.h>
#include <sys/uio.h>

static const char *pinned; /* the path of the map's pin */
static pid_t child;

static int act_tid(char **word)
{
	return say("%d", getpid());
}

/* A map without BTF cannot be read that way, which is EIO: asked is whether it may be tried. */
static int act_open(char **word)
{
	return say_result(open(pinned, O_RDONLY | O_CLOEXEC));
}

static int act_unlink(char **word)
{
	return say_result(unlink(pinned));
}

static int act_link(char **word)
{
	char path[256];

	snprintf(path, sizeof(path), "%s-link", pinned);
	int r = symlink("/nowhere", path);
	if (r < 0)
		return say_result(r);
	unlink(path);
	return say_result(0);
}

/* Into the memory of its own child. */
static int act_poke(char **word)
{
	static int value;
	struct iovec there = {&value, sizeof(value)};

	return say_result(process_vm_writev(child, &there, 1, &there, 1, 0));
}

static const struct told acts[] = {
	{"tid", 0, act_tid},
	{"open", 0, act_open},
	{"unlink", 0, act_unlink},
	{"link", 0, act_link},
	{"poke", 0, act_poke},
};

int main(int argc, char **argv)
{
	static char line[256];
	char *words[TOLD_WORDS + 1];

	errno = EINVAL;
	need(argc == 2, "keeper PIN");
	pinned = argv[1];
	set_up("a pin", pin(set_up("a map", new_array("kept", 0)), pinned));
	child = set_up("fork", fork());
	while (child == 0)
		pause();
	while (fgets(line, sizeof(line), stdin)) {
		cut_line(line, words);
		DO_TOLD(acts, words);
	}
	kill(child, SIGKILL);
	return ALLOWED;
}
