// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that reads kernel memory, and says so: by the helper that is made for it. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("xdp")
int read_kernel(struct xdp_md *context)
{
	void *address = (void *)(long)bpf_get_prandom_u32();

	bpf_probe_read_kernel(&seen, sizeof(seen), address);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
