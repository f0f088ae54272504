// SPDX-License-Identifier: GPL-2.0-or-later

/* A kprobe that writes the memory of the process it interrupts. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/vfs_read")
int write_user(void *context)
{
	char byte = 0;

	bpf_probe_write_user((void *)8, &byte, sizeof(byte));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
