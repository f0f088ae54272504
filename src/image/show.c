/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The image as text. Every field that is not zero, and the first ones always: the text stands
 * for the bytes, and golden files for what a policy becomes.
 */

#include "src/base/text.h"
#include "src/image/image.h"

#include <string.h>

#include "src/names/names.h"

/* What is shown, with the names of what it numbers. */
struct show {
	FILE *out;
	const struct functions *functions;
	const struct bs_kfuncs *kfuncs;
};

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
		{BS_PROGRAM_READ_ONLY, "read-only"},
		{BS_PROGRAM_COMPATIBLE, "compatible"},
		{BS_PROGRAM_UNPINNED, "unpinned"},
		{BS_PROGRAM_SIGNED, "signed"},
		{BS_PROGRAM_TRACEPOINTS, "tracepoints"},
		{BS_PROGRAM_IMA, "ima"},
		{BS_PROGRAM_BUILTIN, "builtin"},
		{BS_PROGRAM_MEASURE, "measure"},
		{BS_PROGRAM_PLACED, "placed"},
		{BS_PROGRAM_ANY_NAMESPACE, "any-namespace"},
		{BS_PROGRAM_OPTIONS, "options"},
	};

	fputs("  flags", out);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			fprintf(out, " %s", names[i].name);
	fputc('\n', out);
}

static void put_types(FILE *out, const struct bs_load *load)
{
	fputs("  types", out);
	for (unsigned type = 0; type < 64; type++)
		if (load->types & 1ULL << type)
			fprintf(out, " %s", prog_type_name(type) ?: "?");
	fprintf(out, load->types_line ? " (line %u)\n" : "\n", load->types_line);
}

/* The pattern as text: a '*' where the mask ends before the bytes. */
static void put_pattern(FILE *out, const char *bytes, const uint8_t *mask, size_t size)
{
	size_t n = 0;

	while (n < size && mask[n] == 0xff)
		n++;
	fprintf(out, "%.*s%s", (int)n, bytes, n < size ? "*" : "");
	for (; n < size; n++)
		if (mask[n] || bytes[n])
			fputs(" (bytes beyond the mask)", out);
}

static void put_number(FILE *out, uint32_t number)
{
	if (number == BS_ANY)
		fputs(" any", out);
	else
		fprintf(out, " %u", number);
}

static void put_attach(FILE *out, const struct bs_load *load)
{
	if (load->n_attach)
		fprintf(out, "  attach %u (line %u)\n", load->n_attach, load->attach_line);
	for (size_t i = 0; i < BS_RULES && i < load->n_attach; i++) {
		const struct bs_attach_rule *rule = &load->attach[i];
		fprintf(out, "    %s type", rule->deny ? "deny" : "allow");
		put_number(out, rule->type);
		fputs(" attach-type", out);
		put_number(out, rule->attach_type);
		fputs(" target ", out);
		put_pattern(out, rule->target.bytes, rule->target.mask, BS_TARGET_SIZE);
		fprintf(out, " (line %u)\n", rule->line);
	}
}

static bool has_bit(const __u64 *words, unsigned bit)
{
	return words[bit / 64] & 1ULL << bit % 64;
}

static void put_denied(const struct show *show, const char *cause, const struct bs_denied *denied)
{
	fprintf(show->out, "  %s lines %u %u%s\n", cause, denied->helpers_line, denied->kfuncs_line,
		denied->unnamed ? " unnamed" : "");
	for (unsigned i = 0; i < 64 * BS_HELPER_WORDS; i++)
		if (has_bit(denied->helpers, i))
			fprintf(show->out, "    helper %u %s\n", i,
				functions_helper_name(show->functions, i) ?: "?");
	for (unsigned i = 0; i < 64 * BS_KFUNC_WORDS; i++)
		if (has_bit(denied->kfuncs, i))
			fprintf(show->out, "    kfunc %u %s\n", i,
				functions_kfunc_name(show->functions, show->kfuncs->ids[i]) ?: "?");
}

static void put_value(FILE *out, const char *name, const struct bs_value *value)
{
	fprintf(out, "  %s", name);
	put_number(out, value->value);
	fprintf(out, " (line %u)\n", value->line);
}

static void put_load(const struct show *show, const struct bs_load *load)
{
	static const char *const causes[BS_CAUSE_END] = {
		"kernel-reads", "user-reads", "user-writes", "lists"};

	put_value(show->out, "map-writes", &load->map_writes);
	put_value(show->out, "map-reads", &load->map_reads);
	put_value(show->out, "max-instructions", &load->max_instructions);
	put_value(show->out, "max-maps", &load->max_maps);
	if (load->signed_line)
		fprintf(show->out, "  signed (line %u)\n", load->signed_line);
	put_attach(show->out, load);
	for (unsigned cause = 0; cause < BS_CAUSE_END; cause++)
		put_denied(show, causes[cause], &load->denied[cause]);
}

static void put_objects(FILE *out, const char *what, const struct bs_object_rule *rules, uint32_t n)
{
	if (n)
		fprintf(out, "  %s %u\n", what, n);
	for (size_t i = 0; i < BS_RULES && i < n; i++) {
		fputs("    ", out);
		put_pattern(out, rules[i].owner.bytes, rules[i].owner.mask, BS_NAME_SIZE);
		fputc(':', out);
		put_pattern(out, rules[i].name, rules[i].name_mask, BS_MAP_NAME);
		fprintf(out, " access %u (line %u)\n", rules[i].access, rules[i].line);
	}
}

/* A path may have any characters, unlike the other patterns. */
static void put_path(FILE *out, const char *bytes, const uint8_t *mask, size_t size)
{
	_cleanup_free_ char *pattern = NULL, *quoted = NULL;
	size_t length;
	FILE *text = open_memstream(&pattern, &length);

	if (text) {
		put_pattern(text, bytes, mask, size);
		fclose(text);
		quoted = pattern ? quote_text(pattern, length) : NULL;
	}
	fputs(quoted ?: "(out of memory)", out);
}

static void put_file(FILE *out, const struct bs_file_rule *rule)
{
	static const char *const kinds[] = {[BS_FILE_UNSIGNED] = "unsigned",
		[BS_FILE_SIGNED] = "signed",
		[BS_FILE_LIBRARY] = "library",
		[BS_FILE_QUIET] = "quiet"};

	fprintf(out, "    %s ", rule->kind < ARRAY_SIZE(kinds) ? kinds[rule->kind] : "?");
	put_path(out, rule->bytes, rule->mask, BS_FILE_SIZE);
	fprintf(out, " (line %u)\n", rule->line);
}

static void put_files(FILE *out, const struct bs_files *files)
{
	put_value(out, "collateral", &files->collateral);
	put_value(out, "libraries", &files->libraries);
	put_value(out, "jit", &files->jit);
	if (files->n_signers)
		fputs("  file-rings", out);
	for (size_t i = 0; i < BS_SIGNERS && i < files->n_signers; i++)
		fprintf(out, " %d%s", files->rings[i], i + 1 == files->n_signers ? "\n" : "");
	if (files->n)
		fprintf(out, "  files %u\n", files->n);
	for (size_t i = 0; i < BS_FILE_RULES && i < files->n; i++)
		put_file(out, &files->rules[i]);
}

static void put_place(FILE *out, const struct bs_place *place)
{
	if (place->n_pods)
		fprintf(out, "  pods %u (line %u)\n", place->n_pods, place->pods_line);
	for (size_t i = 0; i < BS_PODS && i < place->n_pods; i++) {
		const struct bs_pod_rule *rule = &place->pods[i];
		fputs("    ", out);
		put_pattern(out, rule->space.bytes, rule->space.mask, sizeof(rule->space.mask));
		fputc('/', out);
		put_pattern(out, rule->name, rule->name_mask, BS_POD_NAME);
		fputc('\n', out);
	}
	if (place->depth)
		fprintf(out, "  cgroup %u (line %u)\n", place->depth, place->cgroup_line);
	for (size_t i = 0; i < BS_CGROUP_DEPTH && i < place->depth; i++) {
		fputs("    ", out);
		put_path(out, place->cgroup[i].name, place->cgroup[i].mask, BS_CGROUP_NAME);
		fputc('\n', out);
	}
}

static void put_lockdown(FILE *out, const char *what, uint64_t bits)
{
	size_t n;
	const char *const *words = lockdown_names(&n);

	if (!bits)
		return;
	fprintf(out, "  %s", what);
	for (size_t i = 0; i < n; i++)
		if (bits & 1ULL << i)
			fprintf(out, " %s", words[i]);
	fputc('\n', out);
}

static void put_program(const struct show *show, const struct image_entry *entry)
{
	const struct bs_program *value = &entry->value.program;
	FILE *out = show->out;

	fprintf(out, "%s\n", entry->key.name[0] ? entry->key.name : "(unsigned)");
	fprintf(out, "  line %u\n", value->line);
	fprintf(out, "  ring %d\n", value->ring);
	fprintf(out, "  signer %s\n", value->signer[0] ? value->signer : "-");
	put_flags(out, value->flags);
	fprintf(out, "  min-sequence %llu\n", (unsigned long long)value->min_sequence);
	fprintf(out, "  paths %u\n", value->n_paths);
	for (size_t i = 0; i < BS_EXEC_PATHS; i++) {
		_cleanup_free_ char *path = quote_text(value->paths[i], strlen(value->paths[i]));
		if (value->paths[i][0])
			fprintf(out, "    %s\n", path ?: "(out of memory)");
	}
	put_place(out, &value->place);
	put_lockdown(out, "kernel", value->kernel);
	put_types(out, &value->load);
	if (value->flags & BS_PROGRAM_LOADS)
		put_load(show, &value->load);
	put_objects(out, "maps", value->maps, value->n_maps);
	put_objects(out, "programs", value->programs, value->n_programs);
	if (entry->key.name[0])
		put_files(out, &value->files);
}

static void put_kfuncs(const struct show *show)
{
	fprintf(show->out, "%s %u\n", BS_KFUNCS_KEY, show->kfuncs->n);
	for (uint32_t i = 0; i < show->kfuncs->n; i++)
		fprintf(show->out, "  %u %u %s\n", i, show->kfuncs->ids[i],
			functions_kfunc_name(show->functions, show->kfuncs->ids[i]) ?: "?");
}

static void put_kernel(FILE *out, const struct bs_kernel *kernel)
{
	fprintf(out, "%s (line %u)\n", BS_KERNEL_KEY, kernel->line);
	put_lockdown(out, "denied", kernel->denied);
}

static void put_digest(FILE *out, const struct image_entry *entry)
{
	const char *prefix = BS_DIGEST_KEY, *digest = entry->key.name + strlen(prefix);
	char hex[2 * BS_DIGEST_SIZE + 1];

	fprintf(out, "%s%s %s (line %u)\n", prefix, hex_encode(digest, BS_DIGEST_SIZE, hex),
		entry->value.digest.name, entry->value.digest.line);
}

static void put_entry(const struct show *show, const struct image_entry *entry)
{
	if (image_is_digest(entry)) {
		put_digest(show->out, entry);
		return;
	}
	if (image_is_kfuncs(entry))
		put_kfuncs(show);
	else if (image_is_kernel(entry))
		put_kernel(show->out, &entry->value.kernel);
	else
		put_program(show, entry);
}

char *image_show(const struct image *image, const struct functions *functions)
{
	static const struct bs_kfuncs none;
	struct show show = {.functions = functions, .kfuncs = &none};
	_cleanup_free_ char *text = NULL;
	size_t size;

	show.out = open_memstream(&text, &size);
	if (!show.out)
		return NULL;
	for (size_t i = 0; i < image->n_entries; i++)
		if (image_is_kfuncs(&image->entries[i]))
			show.kfuncs = &image->entries[i].value.kfuncs;
	for (size_t i = 0; i < image->n_entries; i++)
		put_entry(&show, &image->entries[i]);
	bool failed = ferror(show.out);
	if (fclose(show.out) != 0 || failed)
		return NULL;
	return TAKE_PTR(text);
}
