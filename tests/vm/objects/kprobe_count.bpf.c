// SPDX-License-Identifier: GPL-2.0-or-later

/* A kprobe that counts, and reads no memory. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("kprobe/vfs_read")
int count_reads(void *context)
{
	calls++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
