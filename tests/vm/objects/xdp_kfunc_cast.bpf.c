// SPDX-License-Identifier: GPL-2.0-or-later

/* XDP that reads kernel memory through a kfunc: any address becomes a struct of the kernel. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;

struct task_struct {
	int prio;
} __attribute__((preserve_access_index));

int seen;

SEC("xdp")
int read_by_cast(struct xdp_md *context)
{
	struct task_struct *task = bpf_rdonly_cast(
		(void *)(long)bpf_get_prandom_u32(), bpf_core_type_id_kernel(struct task_struct));

	seen = task->prio;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
