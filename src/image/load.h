/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `load:` to struct bs_load: the part of image.c that knows the kernel's functions. */

#include "src/names/functions.h"
#include "src/policy/policy.h"

/* What is to be known of one kernel for every entry. */
struct image_kernel {
	const struct policy *policy; /* for messages */
	const struct functions *functions;
	struct bs_kfuncs kfuncs;
	uint32_t helper_groups[64 * BS_HELPER_WORDS]; /* see IMAGE_* below */
	uint32_t kfunc_groups[64 * BS_KFUNC_WORDS];   /* by the place in kfuncs */
};
#define IMAGE_PRESENT (1U << 31) /* the kernel has it */
#define IMAGE_JUDGED  (1U << 30) /* functions.def has it */
#define IMAGE_GROUPS  ((1U << FUNCTION_GROUP_END) - 1)

/* Names every function of the policy; the errors are those of image_build(). */
int image_kernel_fill(struct image_kernel *kernel, const struct policy *policy,
	const struct functions *functions, struct diag *reterr);

/* *ret must be zero. */
void image_load(
	const struct image_kernel *kernel, const struct policy_load *load, struct bs_load *ret);
