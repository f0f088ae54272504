// SPDX-License-Identifier: GPL-2.0-or-later

/* A foreign LSM program: enforcement refuses to begin beside it. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("lsm/inode_mkdir")
int foreign_lsm(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
