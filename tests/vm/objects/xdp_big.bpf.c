// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP of more than 5,000 instructions. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int long_way(struct xdp_md *context)
{
	__asm__ volatile(".rept 5000\n"
			 "r1 = 1\n"
			 ".endr\n" ::
				 : "r1");
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
