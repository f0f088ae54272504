/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Every difference between kernels, one function each. Features are probed (CO-RE,
 * weak symbols), versions never compared.
 */

#include "kernel.bpf.h"

/*
 * The key behind the first argument of lsm/key_permission. key_ref_t is a pointer to a
 * struct that BTF has only as a forward declaration, so the argument cannot be read as
 * such on 6.12 and 6.18; bit 0 says "possessed" (include/linux/key.h).
 */
static __always_inline struct key *key_permission_key(void *context)
{
	__u64 reference = 0;

	bpf_get_func_arg(context, 0, &reference);
	return (struct key *)(reference & ~1ULL);
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct pt_regs___x86 {
	unsigned long orig_ax; /* number of the system call */
};
#pragma clang attribute pop

/*
 * Is the current task in bpf(2)? Only the kernel writes what it saved at the entry, but for a tracer
 * before the call is begun. 321 is of 64 bits and 357 of 32; as numbers of the other
 * kind they are signalfd and nothing, so none of them is keyctl(2).
 */
static __always_inline bool is_in_bpf_call(void)
{
	struct pt_regs___x86 *registers =
		(void *)bpf_task_pt_regs(bpf_get_current_task_btf());

	if (!bpf_core_field_exists(registers->orig_ax))
		return false;
	__u64 number = BPF_CORE_READ(registers, orig_ax);
	return number == 321 || number == 357;
}
