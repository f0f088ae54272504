/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Shared by the files of policy_check(): where the complaints go. */

#include "src/policy/policy.h"

struct complaints {
	const struct policy *policy;
	policy_complaint_fn complain;
	void *userdata;
	unsigned n_errors;
};

/* Hands a filled diag on, with its position. */
void complain_at(struct complaints *complaints, bool error, struct policy_position position,
	struct diag *diag);

/* "'kprobe', 'lsm'" into text: the names of types. */
const char *list_types(uint64_t types, char *text, size_t size);

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
