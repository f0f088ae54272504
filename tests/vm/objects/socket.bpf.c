// SPDX-License-Identifier: GPL-2.0-or-later

/* A socket filter with a name of its own: not one of the probes that every loader may load. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int filter(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
