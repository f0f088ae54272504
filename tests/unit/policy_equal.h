/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Is one policy the same as another? For the unit tests and the fuzzer. */

#include <string.h>

#include "src/policy.h"

/* Equal but for where in the file it stands. */
static inline bool program_is_equal(const struct policy_program *a, const struct policy_program *b)
{
	if (memcmp(a->name, b->name, sizeof(a->name)) != 0 ||
		memcmp(a->signer, b->signer, sizeof(a->signer)) != 0 ||
		memcmp(a->exec, b->exec, sizeof(a->exec)) != 0)
		return false;
	return a->n_exec == b->n_exec && a->min_sequence == b->min_sequence &&
	       a->latest == b->latest && a->load.present == b->load.present &&
	       a->load.types == b->load.types;
}

static inline bool policy_is_equal(const struct policy *a, const struct policy *b)
{
	if (a->version != b->version || a->n_programs != b->n_programs)
		return false;
	for (size_t i = 0; i < a->n_programs; i++)
		if (!program_is_equal(&a->programs[i], &b->programs[i]))
			return false;
	return program_is_equal(&a->unsigned_, &b->unsigned_);
}
