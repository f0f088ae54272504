// SPDX-License-Identifier: GPL-2.0-or-later

/* fmod_ret on a security hook that no test needs: harmless, and foreign all the same. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fmod_ret/security_task_setnice")
int foreign_fmod(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
