/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who a task is to the kernel, and in which user namespace: see kernel.bpf.h. */

#include <linux/bpf.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct user_namespace {
	int level; /* 0: the initial one */
	struct user_namespace *parent;
	struct {
		__u32 val;
	} owner; /* kuid_t: who made it, in the initial one */
	struct {
		unsigned int inum; /* as nsfs numbers it */
	} ns;
};

typedef struct {
	__u64 val; /* 1 << CAP_* */
} kernel_cap_t;

struct cred {
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

#pragma clang attribute pop
