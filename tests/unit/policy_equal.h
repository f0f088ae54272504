/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Is one policy the same as another? For the unit tests and the fuzzer. */

#include <string.h>

#include "src/policy/policy.h"

static inline size_t count_digests(const struct policy *policy)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_programs; i++)
		n += policy->programs[i].digests.n;
	return n;
}

/* Absent is not the same as given with the default's number: both are shown as they are. */
static inline bool value_is_equal(const struct policy_value *a, const struct policy_value *b)
{
	return a->number == b->number && !a->key.line == !b->key.line;
}

static inline bool functions_are_equal(
	const struct policy_functions *a, const struct policy_functions *b, bool deny)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) { /* policy_show() puts what is allowed first */
		while (i < a->n && a->items[i].deny != deny)
			i++;
		while (j < b->n && b->items[j].deny != deny)
			j++;
		if (i == a->n || j == b->n)
			return i == a->n && j == b->n;
		if (strcmp(a->items[i].text, b->items[j].text) != 0)
			return false;
	}
}

static inline bool attach_is_equal(
	const struct policy_load *a, const struct policy_load *b, bool deny)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		while (i < a->n_attach && a->attach[i].deny != deny)
			i++;
		while (j < b->n_attach && b->attach[j].deny != deny)
			j++;
		if (i == a->n_attach || j == b->n_attach)
			return i == a->n_attach && j == b->n_attach;
		if (strcmp(a->attach[i].kind.name, b->attach[j].kind.name) != 0 ||
			strcmp(a->attach[i].target, b->attach[j].target) != 0)
			return false;
	}
}

static inline bool load_is_equal(const struct policy_load *a, const struct policy_load *b)
{
	return a->present == b->present && a->types == b->types && a->n_attach == b->n_attach &&
	       attach_is_equal(a, b, false) && attach_is_equal(a, b, true) &&
	       functions_are_equal(&a->helpers, &b->helpers, false) &&
	       functions_are_equal(&a->helpers, &b->helpers, true) &&
	       functions_are_equal(&a->kfuncs, &b->kfuncs, false) &&
	       functions_are_equal(&a->kfuncs, &b->kfuncs, true) &&
	       value_is_equal(&a->kernel_reads, &b->kernel_reads) &&
	       value_is_equal(&a->user_reads, &b->user_reads) &&
	       value_is_equal(&a->user_writes, &b->user_writes) &&
	       value_is_equal(&a->map_writes, &b->map_writes) &&
	       value_is_equal(&a->map_reads, &b->map_reads) &&
	       value_is_equal(&a->max_instructions, &b->max_instructions) &&
	       value_is_equal(&a->max_maps, &b->max_maps) &&
	       value_is_equal(&a->signed_programs, &b->signed_programs);
}

static inline bool objects_are_equal(const struct policy_objects *a, const struct policy_objects *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].owner, b->items[i].owner) != 0 ||
			strcmp(a->items[i].name, b->items[i].name) != 0 ||
			a->items[i].access != b->items[i].access)
			return false;
	return true;
}

static inline bool file_lists_are_equal(
	const struct policy_file_list *a, const struct policy_file_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].path, b->items[i].path) != 0)
			return false;
	return true;
}

static inline bool files_are_equal(const struct policy_files *a, const struct policy_files *b)
{
	if (a->n_signers != b->n_signers)
		return false;
	for (size_t i = 0; i < a->n_signers; i++)
		if (strcmp(a->signers[i].name, b->signers[i].name) != 0)
			return false;
	return value_is_equal(&a->collateral, &b->collateral) &&
	       value_is_equal(&a->libraries, &b->libraries) && value_is_equal(&a->jit, &b->jit) &&
	       file_lists_are_equal(&a->signed_files, &b->signed_files) &&
	       file_lists_are_equal(&a->unsigned_files, &b->unsigned_files);
}

static inline bool digests_are_equal(const struct policy_digests *a, const struct policy_digests *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (memcmp(a->items[i].bytes, b->items[i].bytes, BS_DIGEST_SIZE) != 0)
			return false;
	return true;
}

static inline bool places_are_equal(const struct policy_place *a, const struct policy_place *b)
{
	if (a->n_pods != b->n_pods)
		return false;
	for (size_t i = 0; i < a->n_pods; i++)
		if (strcmp(a->pods[i].space, b->pods[i].space) != 0 ||
			strcmp(a->pods[i].name, b->pods[i].name) != 0)
			return false;
	return strcmp(a->cgroup, b->cgroup) == 0 &&
	       value_is_equal(&a->any_namespace, &b->any_namespace);
}

/* Equal but for where in the file it stands. */
static inline bool program_is_equal(const struct policy_program *a, const struct policy_program *b)
{
	if (memcmp(a->name, b->name, sizeof(a->name)) != 0 ||
		memcmp(a->signer, b->signer, sizeof(a->signer)) != 0 ||
		memcmp(a->exec, b->exec, sizeof(a->exec)) != 0)
		return false;
	return a->n_exec == b->n_exec && a->min_sequence == b->min_sequence &&
	       a->latest == b->latest && digests_are_equal(&a->digests, &b->digests) &&
	       value_is_equal(&a->require, &b->require) &&
	       value_is_equal(&a->measure, &b->measure) && places_are_equal(&a->place, &b->place) &&
	       load_is_equal(&a->load, &b->load) && objects_are_equal(&a->maps, &b->maps) &&
	       objects_are_equal(&a->programs, &b->programs) &&
	       value_is_equal(&a->maps_compat, &b->maps_compat) &&
	       files_are_equal(&a->files, &b->files) && value_is_equal(&a->kernel, &b->kernel);
}

static inline bool policy_is_equal(const struct policy *a, const struct policy *b)
{
	if (a->version != b->version || a->n_programs != b->n_programs)
		return false;
	for (size_t i = 0; i < a->n_programs; i++)
		if (!program_is_equal(&a->programs[i], &b->programs[i]))
			return false;
	return program_is_equal(&a->unsigned_, &b->unsigned_) &&
	       value_is_equal(&a->lockdown, &b->lockdown);
}
