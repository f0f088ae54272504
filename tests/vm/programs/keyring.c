/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * keyring SERIAL: begins to load a program that the kernel refuses before any LSM looks at it
 * again, and then invalidates this key or keyring. Output and exit status as step.h says.
 */

#include "tests/vm/lib/step.h"

#include <linux/keyctl.h>

int main(int argc, char **argv)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_XDP}; /* of no instructions */

	argv = then_map(argv);
	if (argc < 2)
		could_not_try("no serial");
	printf("load: %s\n", bpf(BPF_PROG_LOAD, &attr) < 0 ? strerrorname_np(errno) : "allowed");
	step("invalidate", syscall(SYS_keyctl, KEYCTL_INVALIDATE, strtol(argv[1], NULL, 0)));
	return ALLOWED;
}
