// SPDX-License-Identifier: GPL-2.0-or-later

/* Tracing: the entry of tcp_connect(). */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 calls;

SEC("fentry/tcp_connect")
int on_tcp_connect(void *context)
{
	calls++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
