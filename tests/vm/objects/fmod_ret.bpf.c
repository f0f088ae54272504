// SPDX-License-Identifier: GPL-2.0-or-later

/* fmod_ret on a security hook: returns 1, which callers that test "< 0" take for a yes. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fmod_ret/security_bpf")
int outvote(void *context)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
