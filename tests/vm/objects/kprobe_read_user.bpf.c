// SPDX-License-Identifier: GPL-2.0-or-later

/* A kprobe that reads the memory of the process it interrupts. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char seen[8];

SEC("kprobe/vfs_read")
int read_user(void *context)
{
	bpf_probe_read_user(seen, sizeof(seen), (void *)8);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
