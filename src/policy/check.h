/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The checks of policy_check(), each in a file of its name. */

#include "src/policy/complain.h"

/* What of `load:`, `maps:` and `programs:` is wider than it looks, or without effect. */
void check_grants(struct complaints *complaints, const struct policy_program *program);

/* What of `kernel:` lets others than single programs change the kernel, or is without effect. */
void check_kernel(struct complaints *complaints);

/* What of `digests:` and `require:` cannot be, or is without effect. */
void check_conditions(struct complaints *complaints);

/*
 * What of `pods:`, `cgroup:` and `user-namespace:` locks out, weakens, or is wider than it looks.
 */
void check_place(struct complaints *complaints, const struct policy_program *program);

/* What of `collateral:` and the keys beside it weakens the program, or is without effect. */
void check_files(struct complaints *complaints, const struct policy_program *program);
