// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that writes into whatever map lies in a map of maps. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {&first}};

SEC("xdp")
int write_inner(struct xdp_md *context)
{
	__u32 key = 0;
	void *map = bpf_map_lookup_elem(&outer, &key);
	__u64 *value = map ? bpf_map_lookup_elem(map, &key) : NULL;

	if (value)
		*value = 0x6576696c;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
