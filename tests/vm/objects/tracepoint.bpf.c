// SPDX-License-Identifier: GPL-2.0-or-later

/* A tracepoint program that counts. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("tracepoint/syscalls/sys_enter_openat")
int count_opens(void *context)
{
	calls++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
