// SPDX-License-Identifier: GPL-2.0-or-later

/* Alice's program of the talk: XDP, with a map that others covet. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} ct_map_tcp4 SEC(".maps");

SEC("xdp")
int from_netdev(struct xdp_md *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&ct_map_tcp4, &key) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
