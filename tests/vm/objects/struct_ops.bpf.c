// SPDX-License-Identifier: GPL-2.0-or-later

/* The least congestion control: Reno's answers, registered as "bpf_least". */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sock;
struct rate_sample;

struct tcp_congestion_ops {
	char name[16];
	__u32 (*ssthresh)(struct sock *socket);
	void (*cong_avoid)(struct sock *socket, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *socket);
} __attribute__((preserve_access_index));

SEC("struct_ops/least_ssthresh")
__u32 least_ssthresh(__u64 *context)
{
	return 2;
}

SEC("struct_ops/least_cong_avoid")
void least_cong_avoid(__u64 *context)
{
}

SEC("struct_ops/least_undo_cwnd")
__u32 least_undo_cwnd(__u64 *context)
{
	return 10;
}

SEC(".struct_ops")
struct tcp_congestion_ops least = {
	.name = "bpf_least",
	.ssthresh = (void *)least_ssthresh,
	.cong_avoid = (void *)least_cong_avoid,
	.undo_cwnd = (void *)least_undo_cwnd,
};

char LICENSE[] SEC("license") = "GPL";
