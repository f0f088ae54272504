// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that reads kernel memory as text: the format says at which address to look. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[64];

SEC("xdp")
int format_kernel(struct xdp_md *context)
{
	__u64 addresses[] = {bpf_get_prandom_u32()};

	bpf_snprintf(text, sizeof(text), "%pI6", addresses, sizeof(addresses));
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
