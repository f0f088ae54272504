/* SPDX-License-Identifier: GPL-2.0-or-later */

/* main() of watchbpf: what it can be told to do, and nothing of how. */

#include "src/watchbpf/watchbpf.h"
#include "src/status/status.h"

static const struct option_spec watch_options[] = {
	{"enforce", 0, "FILE", "enforce the signed policy FILE and print what is decided"},
	{"observe", 0, "FILE", "decide and print, but deny nothing"},
	{"output", 'o', "FORMAT", "text (default) or json"},
	{"exec", 0, "WHICH", "record 'all' execs, not only those that concern BPF"},
	{"adopt", 0, "ID",
		"accept this foreign LSM, freplace or fmod_ret program; init: what PID 1 holds"},
	{"order", 0, "FILE", "an order of the control signer that allows the change"},
	{"detach", 0, NULL, "begin and return, without watching"},
	{"wait", 0, NULL, "while another process reads, wait until it ends"},
	{"initrd", 0, "ROOT", "begin in an initrd, whose real root is mounted on ROOT"},
	{0},
};

static const struct option_spec stop_options[] = {
	{"order", 0, "FILE", "the order 'stop' of the control signer"},
	{0},
};

static const struct command commands[] = {
	{"", "--enforce FILE | --observe FILE", "enforce a policy and watch", watch_options,
		cmd_watch},
	{"status", "", "say what is enforced, and what this system can do", status_options,
		status_run},
	{"follow", "", "print what the process that reads is told", follow_options, cmd_follow},
	{"list", "[maps|programs|links]", "list what is loaded, whose it is and by which rule",
		list_options, cmd_list},
	{"stop", "--order FILE", "end the enforcement", stop_options, cmd_stop},
	{"self-test", "", "say whether the kernel takes this program for the control program", NULL,
		cmd_self_test},
	{"reasons", "", "list the reasons that lines give, and the cures", NULL, cmd_reasons},
	{0},
};

int main(int argc, char **argv)
{
	return command_main(
		commands, "Enforces who may use BPF, and prints what is decided.", argc, argv);
}
