/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Every difference between kernels, one function each. Features are probed (CO-RE,
 * weak symbols), versions never compared.
 */

#include "kernel.bpf.h"

/*
 * The serial behind the first argument of lsm/key_permission. key_ref_t is a pointer to a
 * struct that BTF has only as a forward declaration, so the argument cannot be read as
 * such on 6.12 and 6.18; bit 0 says "possessed" (include/linux/key.h).
 */
static __always_inline __s32 key_permission_serial(void *context)
{
	__u64 reference = 0;

	if (bpf_get_func_arg(context, 0, &reference))
		return 0;
	struct key *key = (struct key *)(reference & ~1ULL);
	return BPF_CORE_READ(key, serial);
}

/* Is this permission (enum key_need_perm) only looking or verifying? */
static __always_inline bool key_permission_is_harmless(__u32 need)
{
	return need == bpf_core_enum_value(enum key_need_perm, KEY_NEED_VIEW) ||
	       need == bpf_core_enum_value(enum key_need_perm, KEY_NEED_READ) ||
	       need == bpf_core_enum_value(enum key_need_perm, KEY_NEED_SEARCH) ||
	       need == bpf_core_enum_value(enum key_need_perm, KEY_DEFER_PERM_CHECK);
}
