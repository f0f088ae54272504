// SPDX-License-Identifier: GPL-2.0-or-later

/* An iterator over a map, which writes every value. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter__bpf_map_elem {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_map *, map);
	__bpf_md_ptr(void *, key);
	__bpf_md_ptr(void *, value);
};

SEC("iter/bpf_map_elem")
int overwrite(struct bpf_iter__bpf_map_elem *context)
{
	__u64 *value = context->value;

	if (value)
		*value = 0x6576696c;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
