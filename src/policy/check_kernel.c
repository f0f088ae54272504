/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The warnings about `kernel:`. Whoever changes the kernel changes the enforcement. */

#include "src/policy/check.h"

static void warn(struct complaints *complaints, struct position position, struct diag *diag)
{
	complain_at(complaints, /* error= */ false, position, diag);
}

static void check_off(struct complaints *complaints)
{
	const struct policy *policy = complaints->policy;
	struct diag diag;

	if (policy->lockdown.number != BS_LEVEL_OFF)
		return;
	diag_set(&diag, 0,
		"'lockdown: off': any root process, an attacker's too, can load unsigned modules and another kernel, and so end the enforcement");
	diag_hint(&diag, "remove it, and name in 'kernel' of each entry what that program needs");
	warn(complaints, policy->lockdown.key, &diag);
}

static void check_everybody(struct complaints *complaints)
{
	const struct policy_value *kernel = &complaints->policy->unsigned_.kernel;
	struct diag diag;

	if (!kernel->number)
		return;
	diag_set(&diag, 0,
		"'kernel' of 'unsigned' excepts everybody, any root process of an attacker's too");
	diag_hint(&diag, "sign the tools that need it, and name it in their entries");
	warn(complaints, kernel->key, &diag);
}

static void check_without_effect(
	struct complaints *complaints, const struct policy_program *program)
{
	struct diag diag;

	if (!program->kernel.number || complaints->policy->lockdown.number != BS_LEVEL_OFF)
		return;
	diag_set(&diag, 0,
		"'kernel' of '%s' has no effect: with 'lockdown: off' nothing is refused",
		program->name[0] ? program->name : "unsigned");
	diag_hint(&diag, "remove one of the two");
	warn(complaints, program->kernel.key, &diag);
}

void check_kernel(struct complaints *complaints)
{
	const struct policy *policy = complaints->policy;

	check_off(complaints);
	check_everybody(complaints);
	for (size_t i = 0; i < policy->n_programs; i++)
		check_without_effect(complaints, &policy->programs[i]);
	check_without_effect(complaints, &policy->unsigned_);
}
