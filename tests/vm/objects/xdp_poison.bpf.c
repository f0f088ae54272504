// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * XDP built for a kernel that has a field which this one lacks: libbpf puts a call to a helper that
 * no kernel knows in the place of the read, which the verifier never reaches.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct___later {
	int no_kernel_has_this;
} __attribute__((preserve_access_index));

SEC("xdp")
int guarded(struct xdp_md *context)
{
	struct task_struct___later *task = (void *)context;

	if (bpf_core_field_exists(task->no_kernel_has_this))
		return task->no_kernel_has_this;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
