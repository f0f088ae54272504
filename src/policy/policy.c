/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The meaning of a policy beyond its text: defaults, and what one grant implies. */

#include "src/policy/policy.h"

#include <string.h>

#include <linux/bpf.h>

#include "src/base/base.h"

/* The BPF side lets these two obtain the enforcement's own objects (BS_PROGRAM_CONTROL). */
static const char *const control_names[] = {"watchbpf", "bpfsign"};

static bool is_control(const struct policy_program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(control_names); i++)
		if (strcmp(program->name, control_names[i]) == 0)
			return true;
	return false;
}

/*
 * A grant that implies another: a loader of kprobe programs makes the kprobe or uprobe that runs
 * them, and a writer of tracefs reads it.
 */
static uint64_t exceptions_of(const struct policy_program *program)
{
	uint64_t exceptions = program->kernel.number;

	if (program->load.types & 1ULL << BPF_PROG_TYPE_KPROBE)
		exceptions |= 1ULL << BS_LOCKDOWN_KPROBES | 1ULL << BS_LOCKDOWN_UPROBES;
	if (exceptions & 1ULL << BS_LOCKDOWN_TRACEFS_WRITE)
		exceptions |= 1ULL << BS_LOCKDOWN_TRACEFS;
	return exceptions;
}

static void fill(struct policy_value *value, uint64_t number)
{
	if (!value->key.line)
		value->number = number;
}

static void fill_program(struct policy_program *program)
{
	program->is_control = is_control(program);
	program->exceptions = exceptions_of(program);
	fill(&program->files.collateral,
		program->is_control ? BS_COLLATERAL_OFF : BS_COLLATERAL_STRICT);
	if (!program->load.present)
		return;
	fill(&program->load.map_writes, BS_SCOPE_OWN);
	fill(&program->load.map_reads, BS_SCOPE_OWN);
	fill(&program->load.max_maps, BS_ANY);
}

void policy_fill_defaults(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_programs; i++)
		fill_program(&policy->programs[i]);
	fill_program(&policy->unsigned_);
	fill(&policy->lockdown, BS_LEVEL_INTEGRITY);
	policy->is_filled = true;
}

static void free_functions(struct policy_program *program)
{
	free(program->load.helpers.items);
	free(program->load.kfuncs.items);
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_programs; i++)
		free_functions(&policy->programs[i]);
	free_functions(&policy->unsigned_);
	free(policy->programs);
	free(policy->path);
	*policy = (struct policy){0};
}
