// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that calls whatever program lies in an array of programs. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

SEC("xdp")
int call_next(struct xdp_md *context)
{
	bpf_tail_call(context, &next, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
