// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that reads a variable of the kernel: libbpf resolves its typed address before the load. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const int bpf_prog_active __ksym;
int seen;

SEC("xdp")
int read_ksym(struct xdp_md *context)
{
	seen = *(const int *)bpf_this_cpu_ptr(&bpf_prog_active);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
