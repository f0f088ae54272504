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
void complain_at(
	struct complaints *complaints, bool error, struct position position, struct diag *diag);

/* "'kprobe', 'lsm'" into text: the names of types. */
const char *complain_types(uint64_t types, char *text, size_t size);
