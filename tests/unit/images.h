/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the tests of images share: a kernel, a ring, numbers of functions. */

#include "tests/unit/policy_files.h"

#include "src/image/image.h"
#include "tests/unit/tiny_btf.h"

/* The kernel that every policy here is for. */
static struct functions *kernel;

static inline int make_kernel(void **state)
{
	kernel = tiny_kernel();
	return kernel ? 0 : -1;
}

static inline int free_kernel(void **state)
{
	functions_free(&kernel);
	return 0;
}

/* A ring that a test can foretell: by the first letter of the signer. */
static inline int fake_ring(void *userdata, const char *signer, struct diag *reterr)
{
	unsigned *n_calls = userdata;

	++*n_calls;
	return 1000 + signer[0];
}

/*
 * The tiny kernel's kfuncs by their place in the table: 0 bpf_task_from_pid, 1 bpf_obj_new_impl,
 * 2 bpf_future_kfunc, which only the policy names, 3 bpf_dynptr_size, 4 bpf_strlen,
 * 5 bpf_copy_from_user_str.
 */
#define BIT(n) (1ULL << (n) % 64)
