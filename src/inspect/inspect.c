/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Footprints and verdicts. Pure: knows nothing of ELF and system calls; what decides is
 * bpf/contract/rules.h, the source that the BPF side is compiled from.
 */

#include "src/inspect/inspect.h"

#include <string.h>

#include "src/base/base.h"
#include "src/names/functions.h"

void inspection_done(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->n_programs; i++) {
		free(inspection->programs[i].functions);
		free(inspection->programs[i].maps);
	}
	free(inspection->programs);
	free(inspection->maps);
	*inspection = (struct inspection){0};
}

/* Room for one more at the end, zeroed; NULL without memory. */
static void *grow(void *items, size_t *n, size_t size)
{
	void **all = items;
	char *larger = reallocarray(*all, *n + 1, size);

	if (!larger)
		return NULL;
	*all = larger;
	return memset(larger + (*n)++ * size, 0, size);
}

struct inspect_program *inspection_add_program(struct inspection *inspection)
{
	return grow(&inspection->programs, &inspection->n_programs, sizeof(*inspection->programs));
}

struct inspect_map *inspection_add_map(struct inspection *inspection)
{
	return grow(&inspection->maps, &inspection->n_maps, sizeof(*inspection->maps));
}

int inspect_add_function(
	struct inspect_program *program, enum inspect_kind kind, const char *name, uint32_t number)
{
	for (size_t i = 0; i < program->n_functions; i++) {
		const struct inspect_function *other = &program->functions[i];
		if (other->kind == kind && other->number == number && !strcmp(other->name, name))
			return 0;
	}
	struct inspect_function *function =
		grow(&program->functions, &program->n_functions, sizeof(*function));
	if (!function)
		return -ENOMEM;
	function->kind = kind;
	function->number = number;
	snprintf(function->name, sizeof(function->name), "%s", name);
	return 0;
}

int inspect_add_map(struct inspect_program *program, size_t place)
{
	for (size_t i = 0; i < program->n_maps; i++)
		if (program->maps[i] == place)
			return 0;
	size_t *map = grow(&program->maps, &program->n_maps, sizeof(*map));
	if (!map)
		return -ENOMEM;
	*map = place;
	return 0;
}

static void resolve_helper(struct inspect_function *function, const struct functions *functions)
{
	const char *name = functions ? functions_helper_name(functions, function->number) : NULL;

	if (function->name[0]) /* by its symbol: it has no number */
		return;
	snprintf(function->name, sizeof(function->name), "#%u", function->number);
	if (name)
		snprintf(function->name, sizeof(function->name), "%s", name);
}

static void resolve(struct inspect_function *function, const struct functions *functions)
{
	int id = 0;

	if (function->kind == INSPECT_HELPER)
		resolve_helper(function, functions);
	else if (function->code && functions)
		id = functions_kfunc(functions, function->name);
	if (id > 0)
		function->number = (uint32_t)id;
	function->absent = id < 0;
	if (function->kind == INSPECT_ADDRESS)
		function->groups = 1U << FUNCTION_GROUP_KERNEL_READS;
	else
		function->groups = function_groups(function->name);
	if (function->absent && function->weak)
		function->groups = 0;
}

void inspect_resolve(struct inspection *inspection, const struct functions *functions)
{
	for (size_t i = 0; i < inspection->n_programs; i++) {
		struct inspect_program *program = &inspection->programs[i];
		for (size_t j = 0; j < program->n_functions; j++)
			resolve(&program->functions[j], functions);
	}
}

uint32_t inspect_groups(const struct inspect_program *program)
{
	uint32_t groups = 0;

	if (rules_reads_by_type(program->footprint.type))
		groups |= 1U << FUNCTION_GROUP_KERNEL_READS;
	for (size_t i = 0; i < program->n_functions; i++)
		groups |= program->functions[i].groups;
	return groups;
}

static void add_bit(__u64 *words, uint32_t bit)
{
	words[bit / 64] |= 1ULL << bit % 64;
}

static void add_kfunc(const struct inspect_function *function, const struct bs_kfuncs *kfuncs,
	struct bs_footprint *ret)
{
	for (uint32_t i = 0; kfuncs && i < kfuncs->n && i < ARRAY_SIZE(kfuncs->ids); i++)
		if (function->number && kfuncs->ids[i] == function->number) {
			add_bit(ret->kfuncs, i);
			return;
		}
	ret->flags |= BS_FOOTPRINT_UNNAMED;
	ret->unnamed = function->number;
}

void inspect_footprint(const struct inspect_program *program, const struct bs_kfuncs *kfuncs,
	struct bs_footprint *ret)
{
	*ret = program->footprint;
	for (size_t i = 0; i < program->n_functions; i++) {
		const struct inspect_function *function = &program->functions[i];
		/* libbpf puts there what can't be reached */
		if (function->absent && function->weak)
			continue;
		if (function->kind == INSPECT_HELPER && function->number < 64 * BS_HELPER_WORDS)
			add_bit(ret->helpers, function->number);
		else if (function->kind == INSPECT_HELPER) /* one that nobody knows */
			ret->flags |= BS_FOOTPRINT_UNNAMED;
		else if (function->kind == INSPECT_KFUNC)
			add_kfunc(function, kfuncs, ret);
		else if (function->kind == INSPECT_ADDRESS)
			ret->flags |= BS_FOOTPRINT_BTF_LOAD;
	}
}

void inspect_set_owner(struct inspection *inspection, const char *name)
{
	for (size_t i = 0; i < inspection->n_maps; i++) {
		struct inspect_map *map = &inspection->maps[i];
		if (!map->id) {
			memset(map->owner, 0, sizeof(map->owner));
			snprintf(map->owner, sizeof(map->owner), "%s", name);
		}
		map->own = strcmp(map->owner, name) == 0;
	}
}

void inspect_judge_map(
	const struct bs_program *entry, const struct inspect_map *map, struct inspect_answer *ret)
{
	struct bs_map_facts facts = {
		.type = map->type, .own = map->own, .read_only = map->read_only};

	*ret = (struct inspect_answer){0};
	memcpy(facts.owner, map->owner, sizeof(facts.owner));
	memcpy(facts.name, map->name, strnlen(map->name, sizeof(facts.name) - 1));
	if (rules_map(entry, &facts, &ret->verdict))
		ret->map = map;
}

/* The maps come after the program, and all of them must be granted. */
static void judge_maps(const struct bs_program *entry, const struct inspection *inspection,
	const struct inspect_program *program, struct inspect_answer *ret)
{
	struct inspect_answer answer;

	if (rules_map_count(entry, (uint32_t)program->n_maps, &ret->verdict))
		return;
	for (size_t i = 0; i < program->n_maps; i++) {
		inspect_judge_map(entry, &inspection->maps[program->maps[i]], &answer);
		if (!answer.verdict.reason)
			continue;
		*ret = answer;
		return;
	}
}

/* A target that the kernel learns when the program is attached. */
static void judge_attach(
	const struct bs_program *entry, struct bs_footprint *footprint, struct inspect_answer *ret)
{
	struct bs_verdict verdict;

	if (!footprint->target[0] || (footprint->flags & BS_FOOTPRINT_TARGET))
		return;
	footprint->flags |= BS_FOOTPRINT_TARGET;
	if (!rules_program(entry, footprint, &verdict))
		return;
	ret->verdict = verdict;
	ret->at_attach = true;
}

void inspect_judge(const struct bs_program *entry, const struct bs_kfuncs *kfuncs,
	const struct inspection *inspection, const struct inspect_program *program,
	struct inspect_answer *ret)
{
	struct bs_footprint footprint;

	*ret = (struct inspect_answer){0};
	inspect_footprint(program, kfuncs, &footprint);
	if (entry->flags & BS_PROGRAM_CONTROL) { /* beside the rules, as in program.bpf.h */
		rules_answer(&ret->verdict, BS_REASON_COMMAND, 0, 0);
		return;
	}
	if (!rules_program(entry, &footprint, &ret->verdict))
		judge_maps(entry, inspection, program, ret);
	if (!ret->verdict.reason)
		judge_attach(entry, &footprint, ret);
}
