/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * keyring [then-map] SERIAL: begins to load a program that the kernel refuses before any LSM looks
 * at it again, and then invalidates this key or keyring.
 * keyring wide SERIAL: invalidates it by a call whose number has a higher bit than the 32 that the
 * kernel takes.
 */

#include "tests/vm/lib/then_map.h"

#include <linux/keyctl.h>

int main(int argc, char **argv)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_XDP}; /* of no instructions */

	argv = then_map(argv);
	errno = EINVAL;
	need(argv[1] != NULL, "usage: keyring [then-map|wide] SERIAL");
	if (strcmp(argv[1], "wide") == 0) {
		need(argv[2] != NULL, "usage: keyring wide SERIAL");
		step("invalidate", syscall(SYS_keyctl | 1L << 32, KEYCTL_INVALIDATE,
					   strtol(argv[2], NULL, 0)));
		return ALLOWED;
	}
	report("load", bpf(BPF_PROG_LOAD, &attr));
	step("invalidate", syscall(SYS_keyctl, KEYCTL_INVALIDATE, strtol(argv[1], NULL, 0)));
	return ALLOWED;
}
