/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * struct policy to the bytes of the policy map. Pure: no system call and no libbpf, so that
 * golden files can hold what a policy becomes. What the bytes mean is in bpf/abi.h.
 */

#include "image.h"

#include <string.h>

#include "names.h"

static uint32_t flags_of(const struct policy_program *program)
{
	uint32_t flags = 0;

	if (policy_is_control(program))
		flags |= BS_PROGRAM_CONTROL;
	if (program->load.present)
		flags |= BS_PROGRAM_LOADS;
	if (program->latest)
		flags |= BS_PROGRAM_LATEST;
	return flags;
}

/* All but the ring. The struct's texts are NUL padded, and so are the map's. */
static void fill_entry(const struct policy_program *program, struct image_entry *entry)
{
	struct bs_program *value = &entry->program;

	memcpy(entry->key.name, program->name, sizeof(entry->key.name));
	value->flags = flags_of(program);
	value->min_sequence = program->min_sequence;
	value->load.types = program->load.types;
	value->n_paths = (uint32_t)program->n_exec;
	value->line = program->position.line;
	memcpy(value->signer, program->signer, sizeof(value->signer));
	memcpy(value->paths, program->exec, sizeof(value->paths));
}

static int fill_ring(const struct policy *policy, const struct policy_program *program,
	image_ring_fn ring, void *userdata, struct bs_program *value, struct diag *reterr)
{
	int serial = ring(userdata, program->signer, reterr);
	if (serial == 0) /* would read as the ring of `unsigned` */
		serial = diag_set(reterr, -ENOKEY, "no keyring for signer '%s'", program->signer);
	if (serial < 0) {
		diag_at(reterr, policy->path, program->signer_position.line,
			program->signer_position.column);
		return serial;
	}
	value->ring = serial;
	return 0;
}

int image_build(const struct policy *policy, image_ring_fn ring, void *userdata, struct image *ret,
	struct diag *reterr)
{
	_cleanup_(image_done) struct image image = {.n_entries = policy->n_programs + 1};

	image.entries = calloc(image.n_entries, sizeof(*image.entries));
	if (!image.entries)
		return diag_set(reterr, -ENOMEM, "out of memory");

	fill_entry(&policy->unsigned_, &image.entries[0]);
	for (size_t i = 0; i < policy->n_programs; i++) {
		struct image_entry *entry = &image.entries[i + 1];
		fill_entry(&policy->programs[i], entry);
		int r = fill_ring(
			policy, &policy->programs[i], ring, userdata, &entry->program, reterr);
		if (r < 0)
			return r;
	}
	*ret = image;
	image = (struct image){0};
	return 0;
}

void image_done(struct image *image)
{
	free(image->entries);
	*image = (struct image){0};
}

static void put_flags(FILE *out, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{BS_PROGRAM_CONTROL, "control"},
		{BS_PROGRAM_LOADS, "loads"},
		{BS_PROGRAM_LATEST, "latest"},
		{BS_PROGRAM_MAPS, "maps"},
	};

	fputs("  flags", out);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			fprintf(out, " %s", names[i].name);
	fputc('\n', out);
}

static void put_types(FILE *out, uint64_t types)
{
	fputs("  types", out);
	for (unsigned type = 0; type < 64; type++)
		if (types & 1ULL << type)
			fprintf(out, " %s", prog_type_name(type) ?: "?");
	fputc('\n', out);
}

/* Every field, also where it is zero: the text stands for the bytes. */
static void put_entry(FILE *out, const struct image_entry *entry)
{
	const struct bs_program *value = &entry->program;

	fprintf(out, "%s\n", entry->key.name[0] ? entry->key.name : "(unsigned)");
	fprintf(out, "  line %u\n", value->line);
	fprintf(out, "  ring %d\n", value->ring);
	fprintf(out, "  signer %s\n", value->signer[0] ? value->signer : "-");
	put_flags(out, value->flags);
	fprintf(out, "  min-sequence %llu\n", (unsigned long long)value->min_sequence);
	put_types(out, value->load.types);
	fprintf(out, "  paths %u\n", value->n_paths);
	for (size_t i = 0; i < BS_EXEC_PATHS; i++) {
		_cleanup_free_ char *path = quote_text(value->paths[i], strlen(value->paths[i]));
		if (value->paths[i][0])
			fprintf(out, "    %s\n", path ?: "(out of memory)");
	}
}

char *image_show(const struct image *image)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	for (size_t i = 0; i < image->n_entries; i++)
		put_entry(out, &image->entries[i]);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return NULL;
	return TAKE_PTR(text);
}
