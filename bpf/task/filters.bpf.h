/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Seccomp filters. A filter that is installed before an exec stays, so root could have it answer
 * system calls in the kernel's place: an open(2) that "returns" a descriptor of hers. All filters
 * of a task are read, as the kernel has them. Each of their returns must be a constant that lets
 * the call go on, makes it fail, or ends the task: that is what containers and units install.
 */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"

/* include/uapi/linux/seccomp.h */
#define SECCOMP_RET_ACTION_FULL  0xffff0000U
#define SECCOMP_RET_DATA         0x0000ffffU
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#define SECCOMP_RET_KILL_THREAD  0x00000000U
#define SECCOMP_RET_TRAP         0x00030000U
#define SECCOMP_RET_ERRNO        0x00050000U
#define SECCOMP_RET_LOG          0x7ffc0000U
#define SECCOMP_RET_ALLOW        0x7fff0000U

#define ERRNO_KERNELS 512 /* from here on the kernel's own, include/linux/errno.h */

#define FILTERS_LIMIT 8192 /* more cannot be: MAX_INSNS_PER_PATH of kernel/seccomp.c */

struct filter_search {
	struct seccomp_filter *filter;
	struct sock_filter *instructions; /* of this filter */
	__u32 bad;
};

/*
 * May a filter return this? errno 0 is a call that was not made and succeeded. Of the kernel's own,
 * ERESTART_RESTARTBLOCK has it take up another call, whose result may be anything.
 */
static __always_inline bool is_harmless_return(__u32 value)
{
	const __u32 data = value & SECCOMP_RET_DATA;

	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_ERRNO:
		return data && data < ERRNO_KERNELS;
	default: /* a listener, a tracer, or what we do not know */
		return false;
	}
}

/* Only BPF_RET ends a filter; of the two kinds that there are, BPF_A is computed. */
static int look_at_instruction(__u32 i, struct filter_search *search)
{
	struct sock_filter instruction = {};

	if (bpf_probe_read_kernel(&instruction, sizeof(instruction), search->instructions + i)) {
		search->bad = 1;
		return 1;
	}
	if ((instruction.code & 7) != BPF_RET)
		return 0;
	search->bad = (instruction.code & 0x18) != BPF_K || !is_harmless_return(instruction.k);
	return search->bad;
}

static int look_at_filter(__u32 unused_index, struct filter_search *search)
{
	struct seccomp_filter *filter = search->filter;
	struct sock_fprog_kern *classic = BPF_CORE_READ(filter, prog, orig_prog);

	search->instructions = BPF_CORE_READ(classic, filter);
	search->bad = !search->instructions; /* without CONFIG_CHECKPOINT_RESTORE */
	if (!search->bad)
		bpf_loop(BPF_CORE_READ(classic, len), look_at_instruction, search, 0);
	search->filter = BPF_CORE_READ(filter, prev);
	return search->bad || !search->filter;
}

/*
 * OK, or BS_REASON_SECCOMP: the current task has a filter that can answer in the kernel's place; of
 * a control program, any filter.
 */
static __noinline int filters_reason(bool control)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct filter_search search = {.filter = BPF_CORE_READ(task, seccomp.filter)};

	if (!BPF_CORE_READ(task, seccomp.mode))
		return BS_REASON_OK;
	if (control)
		return BS_REASON_SECCOMP;
	if (search.filter)
		bpf_loop(FILTERS_LIMIT, look_at_filter, &search, 0);
	return search.bad || search.filter ? BS_REASON_SECCOMP : BS_REASON_OK;
}
