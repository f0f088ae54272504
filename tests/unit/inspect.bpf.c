// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * Something of everything that `bpfsign inspect` tells apart; read by test_inspect.c, never
 * loaded.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} ct_map_tcp4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u32);
} config SEC(".maps");

extern void *bpf_rdonly_cast(const void *object, __u32 id) __ksym;
extern void bpf_nowhere(void) __ksym __attribute__((weak));
extern const int runqueues __ksym;
int limit = 5;

/* Reached by two programs, from .text by another subprogram, and as the address of a callback. */
static __attribute__((noinline)) int deepest(int key)
{
	int *value = bpf_map_lookup_elem(&config, &key);

	bpf_nowhere();
	return value ? *value : limit;
}

__attribute__((noinline)) int deeper(int key)
{
	return deepest(key) + 1;
}

static long callback(__u32 i, void *context)
{
	return deepest((int)i);
}

__attribute__((noinline)) int unreached(int key)
{
	return bpf_send_signal(key);
}

SEC("xdp")
int from_netdev(struct xdp_md *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&ct_map_tcp4, &key) ? XDP_DROP : XDP_PASS;
}

SEC("lsm.s/file_open")
int on_file_open(void *context)
{
	int *cpu = bpf_this_cpu_ptr(&runqueues);

	return deeper(*cpu) + (bpf_rdonly_cast(context, 1) != 0);
}

SEC("?tracepoint/syscalls/sys_enter_open")
int on_open(void *context)
{
	return (int)bpf_loop(3, callback, NULL, 0) + deeper(2);
}

char LICENSE[] SEC("license") = "GPL";
