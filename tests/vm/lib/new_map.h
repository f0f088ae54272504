/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Maps that user space may map. */

#include "tests/vm/lib/bpf.h"

static inline int new_map(unsigned type, uint32_t key_size, uint32_t value_size, uint32_t entries)
{
	union bpf_attr attr = {.map_type = type};

	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = entries;
	attr.map_flags = type == BPF_MAP_TYPE_USER_RINGBUF ? 0 : BPF_F_MMAPABLE;
	return set_up("BPF_MAP_CREATE", bpf(BPF_MAP_CREATE, &attr));
}

static inline int new_page(void)
{
	return new_map(BPF_MAP_TYPE_ARRAY, 4, 4096, 1);
}
