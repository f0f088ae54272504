/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * struct policy to the bytes of the policy map. Pure: no system call and no libbpf, so that
 * golden files can hold what a policy becomes. What the bytes mean is in bpf/contract/abi.h.
 */

#include "src/image/image.h"

#include <string.h>

#include "src/base/base.h"
#include "src/image/files.h"
#include "src/image/load.h"
#include "src/image/pattern.h"
#include "src/image/place.h"
#include "src/names/names.h"

static bool any_access(const struct policy_objects *objects, uint32_t access)
{
	for (size_t i = 0; i < objects->n; i++)
		if (objects->items[i].access == access)
			return true;
	return false;
}

static bool names_tracepoint(const struct policy_load *load)
{
	for (size_t i = 0; i < load->n_attach; i++)
		if (load->attach[i].kind.target == ATTACH_TARGET_TRACEPOINT &&
			load->attach[i].target[0])
			return true;
	return false;
}

static uint32_t load_flags(const struct policy_load *load)
{
	uint32_t flags = load->present ? BS_PROGRAM_LOADS : 0;

	if (load->map_writes.number == BS_SCOPE_UNPINNED)
		flags |= BS_PROGRAM_UNPINNED;
	if (load->map_reads.number == BS_SCOPE_UNPINNED)
		flags |= BS_PROGRAM_UNPINNED;
	if (load->signed_programs.number)
		flags |= BS_PROGRAM_SIGNED;
	if (names_tracepoint(load))
		flags |= BS_PROGRAM_TRACEPOINTS;
	return flags;
}

static uint32_t flags_of(const struct policy_program *program)
{
	uint32_t flags = load_flags(&program->load);

	if (program->is_control)
		flags |= BS_PROGRAM_CONTROL;
	if (program->latest)
		flags |= BS_PROGRAM_LATEST;
	if (any_access(&program->maps, BS_ACCESS_READ))
		flags |= BS_PROGRAM_MAPS | BS_PROGRAM_READ_ONLY;
	if (any_access(&program->maps, BS_ACCESS_WRITE))
		flags |= BS_PROGRAM_MAPS;
	if (program->maps_compat.number)
		flags |= BS_PROGRAM_COMPATIBLE;
	if (program->require.number & 1ULL << CONDITION_IMA)
		flags |= BS_PROGRAM_IMA;
	if (program->require.number & 1ULL << CONDITION_BUILTIN)
		flags |= BS_PROGRAM_BUILTIN;
	if (program->measure.number)
		flags |= BS_PROGRAM_MEASURE;
	if (program->place.n_pods || program->place.cgroup[0])
		flags |= BS_PROGRAM_PLACED;
	if (program->place.any_namespace.number)
		flags |= BS_PROGRAM_ANY_NAMESPACE;
	if (program->options.number)
		flags |= BS_PROGRAM_OPTIONS;
	return flags;
}

/* Without an owner: of any. */
static uint32_t fill_objects(const struct policy_objects *objects, struct bs_object_rule *rules)
{
	for (size_t i = 0; i < objects->n; i++) {
		const struct policy_object *object = &objects->items[i];
		struct bs_object_rule *rule = &rules[i];
		image_pattern(object->owner[0] ? object->owner : "*", rule->owner.bytes,
			rule->owner.mask, sizeof(rule->owner.mask));
		image_pattern(object->name, rule->name, rule->name_mask, sizeof(rule->name_mask));
		rule->access = object->access;
		rule->line = object->position.line;
	}
	return (uint32_t)objects->n;
}

/*
 * All but the rings, the files and the place. The struct's texts are NUL padded, and so are the
 * map's.
 */
static void fill_entry(const struct image_kernel *kernel, const struct policy_program *program,
	struct image_entry *entry)
{
	struct bs_program *value = &entry->value.program;

	memcpy(entry->key.name, program->name, sizeof(entry->key.name));
	value->flags = flags_of(program);
	value->min_sequence = program->min_sequence;
	value->kernel = program->exceptions;
	image_load(kernel, &program->load, &value->load);
	value->n_maps = fill_objects(&program->maps, value->maps);
	value->n_programs = fill_objects(&program->programs, value->programs);
	value->n_paths = (uint32_t)program->n_exec;
	value->line = program->position.line;
	memcpy(value->signer, program->signer, sizeof(value->signer));
	memcpy(value->paths, program->exec, sizeof(value->paths));
}

/* An entry of `programs:`: what `unsigned` has too, its rings, its files and its place. */
static int fill_program(const struct policy *policy, const struct image_kernel *kernel,
	const struct policy_program *program, image_ring_fn ring, void *userdata,
	struct image_entry *entry, struct diag *reterr)
{
	struct bs_program *value = &entry->value.program;

	fill_entry(kernel, program, entry);
	image_files(program, &value->files);
	image_place(&program->place, &value->place);
	int r = program->signer[0] ? image_ring(policy, program->signer, program->signer_position,
					     ring, userdata, &value->ring, reterr)
				   : 0; /* known by its digests */
	if (r < 0)
		return r;
	return image_file_rings(policy, program, ring, userdata, &value->files, reterr);
}

static int fill_programs(const struct policy *policy, const struct image_kernel *kernel,
	image_ring_fn ring, void *userdata, struct image_entry *entries, struct diag *reterr)
{
	for (size_t i = 0; i < policy->n_programs; i++) {
		int r = fill_program(
			policy, kernel, &policy->programs[i], ring, userdata, &entries[i], reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

static size_t count_digests(const struct policy *policy)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_programs; i++)
		n += policy->programs[i].digests.n;
	return n;
}

/* An entry of its own for each item of `digests:`, which leads to the program's. */
static void fill_digests(const struct policy *policy, struct image_entry *entry)
{
	for (size_t i = 0; i < policy->n_programs; i++) {
		const struct policy_program *program = &policy->programs[i];
		for (size_t j = 0; j < program->digests.n; j++, entry++) {
			memcpy(entry->key.name, BS_DIGEST_KEY, sizeof(BS_DIGEST_KEY) - 1);
			memcpy(entry->key.name + sizeof(BS_DIGEST_KEY) - 1,
				program->digests.items[j].bytes, BS_DIGEST_SIZE);
			memcpy(entry->value.digest.name, program->name, BS_NAME_SIZE);
			entry->value.digest.line = program->digests.items[j].position.line;
		}
	}
}

static uint64_t bits_from(enum bs_level level)
{
	uint64_t bits = 0;

#define LOCKDOWN(id, word, from, doc)                                                              \
	if (level != BS_LEVEL_OFF && level >= BS_LEVEL_##from)                                     \
		bits |= 1ULL << BS_LOCKDOWN_##id;
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
	return bits;
}

/* Exceptions of `unsigned:` apply to every task, so they are taken out for all tasks at once. */
static void fill_kernel(const struct policy *policy, struct image_entry *entry)
{
	strcpy(entry->key.name, BS_KERNEL_KEY);
	entry->value.kernel.denied =
		bits_from((enum bs_level)policy->lockdown.number) & ~policy->unsigned_.exceptions;
	entry->value.kernel.line = policy->lockdown.key.line;
}

static void fill_kfuncs(const struct image_kernel *kernel, struct image_entry *entry)
{
	strcpy(entry->key.name, BS_KFUNCS_KEY);
	entry->value.kfuncs = kernel->kfuncs;
}

int image_build(const struct policy *policy, const struct functions *functions, image_ring_fn ring,
	void *userdata, struct image *ret, struct diag *reterr)
{
	_cleanup_(image_done) struct image image = {
		.n_entries = policy->n_programs + count_digests(policy) + 3};
	_cleanup_free_ struct image_kernel *kernel = calloc(1, sizeof(*kernel));

	if (!policy->is_filled)
		return diag_set(reterr, -EINVAL, "the defaults of the policy are not filled in");
	image.entries = calloc(image.n_entries, sizeof(*image.entries));
	if (!image.entries || !kernel)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = image_kernel_fill(kernel, policy, functions, reterr);
	if (r < 0)
		return r;

	fill_entry(kernel, &policy->unsigned_, &image.entries[0]);
	r = fill_programs(policy, kernel, ring, userdata, &image.entries[1], reterr);
	if (r < 0)
		return r;
	fill_digests(policy, &image.entries[1 + policy->n_programs]);
	fill_kfuncs(kernel, &image.entries[image.n_entries - 2]);
	fill_kernel(policy, &image.entries[image.n_entries - 1]);
	*ret = image;
	image = (struct image){0};
	return 0;
}

bool image_is_kfuncs(const struct image_entry *entry)
{
	return strcmp(entry->key.name, BS_KFUNCS_KEY) == 0;
}

bool image_is_kernel(const struct image_entry *entry)
{
	return strcmp(entry->key.name, BS_KERNEL_KEY) == 0;
}

bool image_is_digest(const struct image_entry *entry)
{
	return strncmp(entry->key.name, BS_DIGEST_KEY, sizeof(BS_DIGEST_KEY) - 1) == 0;
}

void image_done(struct image *image)
{
	free(image->entries);
	*image = (struct image){0};
}
