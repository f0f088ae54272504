/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf reasons`: the words of reasons.def with their sentences and cures. */

#include <stdio.h>

#include "bpf/contract/abi.h"
#include "src/command/arguments.h"
#include "src/names/names.h"
#include "src/watchbpf/watchbpf.h"

int cmd_reasons(const struct command *command, int argc, char **argv)
{
	const char *value;
	int r = arguments_end(command_option(command, argc, argv, &value));

	if (r >= 0)
		return r;
	for (unsigned i = 0; i < BS_REASON_END; i++)
		printf("%-26s %s%s%s\n", reason_name(i), reason_sentence(i),
			reason_cure(i)[0] ? "; cure: " : "", reason_cure(i));
	return EXIT_YES;
}
