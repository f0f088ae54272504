// SPDX-License-Identifier: GPL-2.0-or-later

/* A kprobe that kills: harmless while it is not attached. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/vfs_read")
int kill_it(void *context)
{
	bpf_send_signal(9);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
