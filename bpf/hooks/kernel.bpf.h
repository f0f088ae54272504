/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Changes of the kernel, and reads of its memory, that do not use BPF. */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/guard/lockdown.bpf.h"

/*
 * security_locked_down(), called wherever the kernel can be changed or read: modules, /dev/mem,
 * kprobes, tracefs. And bpf_base_func_proto(): the verifier asks before it grants helpers that read
 * kernel memory, so each load asks several times.
 */
SEC("lsm/locked_down")
int BPF_PROG(on_locked_down, __u32 what)
{
	const __u32 cause = locked_cause(what);

	if (cause < BS_CAUSE_END)
		return refuse_if(decide_locked(cause));
	return refuse_if(decide_lockdown(lockdown_of(what)));
}

/* perf_event_open(2), before it knows whether a uprobe is asked for: see is_uprobe_path(). */
SEC("lsm/perf_event_open")
int BPF_PROG(on_perf_event_open)
{
	if (!state.perf_events)
		state.perf_events = 1;
	return 0;
}

/*
 * kernel_read_file(), by kexec_file_load(2): a signed kernel asks no locked_down, and boots with
 * any initramfs and command line that root passes.
 */
SEC("lsm/kernel_read_file")
int BPF_PROG(on_kernel_read_file, struct file *unused_file, __u32 what)
{
	return is_kexec_file(what) ? refuse_if(decide_lockdown(BS_LOCKDOWN_KEXEC)) : 0;
}
