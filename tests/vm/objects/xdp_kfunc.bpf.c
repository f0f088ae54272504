// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that calls a kfunc, a harmless one: it looks at the packet through a dynptr. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("xdp")
int look_by_dynptr(struct xdp_md *context)
{
	struct bpf_dynptr packet;
	__u8 first;

	if (bpf_dynptr_from_xdp(context, 0, &packet) == 0)
		bpf_dynptr_read(&first, sizeof(first), &packet, 0, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
