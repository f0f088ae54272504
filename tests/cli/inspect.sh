#!/bin/sh
# `bpfsign inspect`: what an object file would need, and what a policy says of it. Names come from a BTF
# made here, since the machine that runs the tests may have none.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

build=$(dirname "$bpfsign")/../..
xdp=$build/tests/vm/xdp.o

compile() {
    clang-14 -target bpf -g -O2 -Wno-unused -idirafter "/usr/include/$(uname -m)-linux-gnu" -c -o "$1" -x c - || exit 1
}

compile tiny.o <<'END'
#include <linux/bpf.h>
enum bpf_func_id number;
int bpf_rdonly_cast(void) { return 0; }
int tcp_connect(void) { return 0; }
END
llvm-objcopy-14 --dump-section .BTF=tiny.btf tiny.o || exit 1

compile many.o <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __uint(map_flags, BPF_F_RDONLY_PROG);
    __type(key, __u32); __type(value, __u32); } config SEC(".maps");
extern void *bpf_rdonly_cast(const void *object, __u32 id) __ksym;
extern void bpf_nowhere(void) __ksym __attribute__((weak));
extern const int runqueues __ksym;
extern const void jiffies __ksym;
unsigned long address;
static __attribute__((noinline)) int below(int key)
{
    int *value = bpf_map_lookup_elem(&config, &key);
    bpf_send_signal(9);
    bpf_nowhere();
    return value ? *value : key;
}
SEC("fentry.s/tcp_connect") int first(void *context)
{
    char text[8];
    bpf_probe_read_kernel(text, sizeof(text), &runqueues);
    return below(1) + (bpf_rdonly_cast(context, 1) != 0);
}
SEC("?tracepoint/syscalls/sys_enter_open") int second(void *context)
{
    address = (unsigned long)&jiffies;
    return below(2);
}
SEC("xdp") int third(void *context) { return 1; }
char LICENSE[] SEC("license") = "GPL";
END

compile third.o <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int third(void *context) { return 1; }
char LICENSE[] SEC("license") = "GPL";
END

cat >alice.yaml <<'END'
version: 1
programs:
  watchbpf:
    signer: acme
  alice:
    signer: acme
    load:
      types: [xdp]
END

expect no-operand 2 'is missing' inspect
expect policy-without-as 2 'belong together' inspect --policy alice.yaml "$xdp"
expect as-without-policy 2 'belong together' inspect --as alice "$xdp"
expect two-files 2 "one FILE, 'prog ID' or 'map ID'" inspect --btf tiny.btf "$xdp" "$xdp"
expect no-number 2 "'x' is not the id of a prog" inspect prog x
expect number-too-large 2 "is not the id of a map" inspect map 4294967296
expect absent 3 "can't read object file 'absent.o'" inspect --btf tiny.btf absent.o
expect not-an-object 3 'is not an object file that libbpf takes' inspect --btf tiny.btf alice.yaml
expect btf-absent 3 'absent.btf' inspect --btf absent.btf "$xdp"
expect policy-absent 3 'absent.yaml' inspect --btf tiny.btf --policy absent.yaml --as alice "$xdp"
expect no-entry 3 "has no entry 'alcie'; did you mean 'alice'?" \
    inspect --btf tiny.btf --policy alice.yaml --as alcie "$xdp"

expect footprint 0 'program from_netdev: xdp, 12 instructions' inspect --btf tiny.btf "$xdp"
expect footprint-map 0 'map ct_map_tcp4: hash, read-write' inspect --btf tiny.btf "$xdp"
expect footprint-helper 0 'helper: bpf_map_lookup_elem' inspect --btf tiny.btf "$xdp"
expect sleepable 0 'sleepable' inspect --btf tiny.btf many.o
expect target 0 'target: tcp_connect' inspect --btf tiny.btf many.o
expect subprogram 0 'helper: bpf_send_signal (signals)' inspect --btf tiny.btf many.o
expect kfunc 0 'kfunc: bpf_rdonly_cast (kernel-reads' inspect --btf tiny.btf many.o
expect weak-kfunc 0 'kfunc: bpf_nowhere, not in this kernel: left out' inspect --btf tiny.btf many.o
expect address 0 'address: runqueues (kernel-reads)' inspect --btf tiny.btf many.o
"$bpfsign" inspect --btf tiny.btf many.o >text
check no-typeless-address sh -c '! grep jiffies text'
check read-only-map grep -qx 'map config: array, read-only' text
check on-demand grep -q 'program second: tracepoint, .*, loaded on demand only' text
# shellcheck disable=SC2016  # the inner shell's sed
check own-calls-only sh -c 'sed -n "/program third/,\$p" text | grep -c : | grep -qx 3'

expect granted 0 'verdict: granted (alice.yaml:8)' \
    inspect --btf tiny.btf --policy alice.yaml --as alice third.o
expect load-type 1 'denied: load-type' inspect --btf tiny.btf --policy alice.yaml --as alice many.o
expect load-type-line 1 '(alice.yaml:8)' inspect --btf tiny.btf --policy alice.yaml --as alice many.o
expect control 1 'denied: command' inspect --btf tiny.btf --policy alice.yaml --as watchbpf "$xdp"
expect unsigned 1 'denied: no-load' inspect --btf tiny.btf --policy alice.yaml --as unsigned "$xdp"
expect json 0 '"programs":[{"name":"from_netdev","type":"xdp","section":"xdp"' \
    inspect --btf tiny.btf --json "$xdp"
expect json-verdict 1 '"verdict":{"granted":false,"reason":"no-load"' \
    inspect --btf tiny.btf --json --policy alice.yaml --as unsigned "$xdp"
expect json-as 1 '"policy":"alice.yaml","as":"unsigned"' \
    inspect --btf tiny.btf --json --policy alice.yaml --as unsigned "$xdp"

exit $failed
