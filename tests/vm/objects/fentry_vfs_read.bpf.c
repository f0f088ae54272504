// SPDX-License-Identifier: GPL-2.0-or-later

/* Tracing: the entry of vfs_read(), which no entry of a test grants. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("fentry/vfs_read")
int on_vfs_read(void *context)
{
	calls++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
