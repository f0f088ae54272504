/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * struct policy to YAML in one canonical form: what policy_parse() reads back to the same
 * struct. In ASCII, so that what an administrator reviews is what is there.
 */

#include "src/policy/show.h"

#include <string.h>

#include "src/base/text.h"
#include "src/names/names.h"

static void put_types(FILE *out, const char *indent, uint64_t types)
{
	const char *separator = "";

	fprintf(out, "%s  types: [", indent);
	for (unsigned type = 0; type < 64; type++) {
		if (!(types & 1ULL << type))
			continue;
		fprintf(out, "%s%s", separator, prog_type_name(type));
		separator = ", ";
	}
	fputs("]\n", out);
}

/* The items of a key that has lists `allow` and `deny`. */
typedef void (*put_item_fn)(FILE *out, const void *list, size_t i);
struct list {
	const char *key;
	const void *items;
	size_t n;
	bool (*denies)(const void *items, size_t i);
	put_item_fn put;
};

static void put_list(FILE *out, const char *indent, const struct list *list, bool deny)
{
	const char *separator = "";

	fprintf(out, "%s    %s: [", indent, deny ? "deny" : "allow");
	for (size_t i = 0; i < list->n; i++) {
		if (list->denies(list->items, i) != deny)
			continue;
		fputs(separator, out);
		list->put(out, list->items, i);
		separator = ", ";
	}
	fputs("]\n", out);
}

/* Always with `allow` and `deny`, so that nobody has to know which a bare list is. */
static void put_lists(FILE *out, const char *indent, const struct list *list)
{
	size_t n_denied = 0;

	if (!list->n)
		return;
	for (size_t i = 0; i < list->n; i++)
		n_denied += list->denies(list->items, i);
	fprintf(out, "%s  %s:\n", indent, list->key);
	if (n_denied < list->n)
		put_list(out, indent, list, /* deny= */ false);
	if (n_denied)
		put_list(out, indent, list, /* deny= */ true);
}

static bool attach_denies(const void *items, size_t i)
{
	return ((const struct policy_attach *)items)[i].deny;
}

static void put_attach(FILE *out, const void *items, size_t i)
{
	const struct policy_attach *attach = &((const struct policy_attach *)items)[i];
	char text[sizeof(attach->target) + 64];

	snprintf(text, sizeof(text), "%s%s%s", attach->kind.name, attach->target[0] ? "/" : "",
		attach->target);
	put_text(out, text);
}

static bool function_denies(const void *items, size_t i)
{
	return ((const struct policy_function *)items)[i].deny;
}

static void put_function(FILE *out, const void *items, size_t i)
{
	put_text(out, ((const struct policy_function *)items)[i].text);
}

static void put_functions(
	FILE *out, const char *indent, const char *key, const struct policy_functions *words)
{
	const struct list list = {key, words->items, words->n, function_denies, put_function};

	put_lists(out, indent, &list);
}

static void put_load(FILE *out, const char *indent, const struct policy_load *load)
{
	const struct list attach = {
		"attach", load->attach, load->n_attach, attach_denies, put_attach};
	char inner[16];
	size_t n;

	if (!load->present)
		return;
	snprintf(inner, sizeof(inner), "%s  ", indent);
	fprintf(out, "%sload:\n", indent);
	put_types(out, indent, load->types);
	put_lists(out, indent, &attach);
	put_functions(out, indent, "helpers", &load->helpers);
	put_functions(out, indent, "kfuncs", &load->kfuncs);
	put_choice(out, inner, "kernel-reads", &load->kernel_reads, switch_names(&n));
	put_choice(out, inner, "user-reads", &load->user_reads, switch_names(&n));
	put_choice(out, inner, "user-writes", &load->user_writes, switch_names(&n));
	put_choice(out, inner, "map-writes", &load->map_writes, scope_names(&n));
	put_choice(out, inner, "map-reads", &load->map_reads, scope_names(&n));
	put_number(out, inner, "max-instructions", &load->max_instructions);
	put_number(out, inner, "max-maps", &load->max_maps);
	put_choice(out, inner, "signed-programs", &load->signed_programs, truth_names(&n));
}

static void put_objects(FILE *out, const char *indent, const char *key,
	const struct policy_objects *objects, const char *const *words)
{
	if (objects->n)
		fprintf(out, "%s%s:\n", indent, key);
	for (size_t i = 0; i < objects->n; i++) {
		const struct policy_object *object = &objects->items[i];
		fprintf(out, "%s  \"%s%s%s\": %s\n", indent, object->owner,
			object->owner[0] ? ":" : "", object->name, words[object->access]);
	}
}

static void put_exceptions(FILE *out, const char *indent, uint64_t exceptions)
{
	const char *separator = "";
	size_t n;
	const char *const *words = lockdown_names(&n);

	if (exceptions)
		fprintf(out, "%skernel: [", indent);
	for (size_t i = 0; i < n; i++) {
		if (!(exceptions & 1ULL << i))
			continue;
		fprintf(out, "%s%s", separator, words[i]);
		separator = ", ";
	}
	if (exceptions)
		fputs("]\n", out);
}

/* What an entry and `unsigned` have in common. */
static void put_grants(FILE *out, const char *indent, const struct policy_program *program)
{
	size_t n;

	put_load(out, indent, &program->load);
	put_objects(out, indent, "maps", &program->maps, map_access_names(&n));
	put_objects(out, indent, "programs", &program->programs, program_access_names(&n));
	put_choice(out, indent, "maps-compat", &program->maps_compat, truth_names(&n));
	put_exceptions(out, indent, program->kernel.number);
}

static void put_files(FILE *out, const char *key, const struct policy_file *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			fputs(", ", out);
		else
			fprintf(out, "    %s: [", key);
		put_text(out, items[i].path);
	}
	if (n)
		fputs("]\n", out);
}

static void put_collateral(FILE *out, const struct policy_program *program)
{
	const struct policy_files *files = &program->files;

	if (files->collateral.key.line && files->collateral.number == BS_COLLATERAL_LISTED) {
		put_files(out, "collateral", files->signed_files.items, files->signed_files.n);
		return;
	}
	bool off = files->collateral.number == BS_COLLATERAL_OFF;
	if (files->collateral.key.line)
		fprintf(out, "    collateral: %s\n", off ? "\"off\"" : "strict");
	else if (off)
		fputs("    # collateral: off (by default: it verifies what it reads)\n", out);
}

static void put_signers(FILE *out, const struct policy_files *files)
{
	for (size_t i = 0; i < files->n_signers; i++) {
		fputs(i ? ", " : "    file-signers: [", out);
		put_text(out, files->signers[i].name);
	}
	if (files->n_signers)
		fputs("]\n", out);
}

/* What may be read and executed inside. */
static void put_inside(FILE *out, const struct policy_program *program)
{
	const struct policy_files *files = &program->files;
	size_t n;

	put_collateral(out, program);
	put_files(out, "unsigned-files", files->unsigned_files.items, files->unsigned_files.n);
	put_choice(out, "    ", "libraries", &files->libraries, libraries_names(&n));
	put_choice(out, "    ", "jit", &files->jit, switch_names(&n));
	put_choice(out, "    ", "options", &program->options, switch_names(&n));
	put_signers(out, files);
}

static void put_digests(FILE *out, const struct policy_digests *digests)
{
	char hex[2 * BS_DIGEST_SIZE + 1];

	for (size_t i = 0; i < digests->n; i++)
		fprintf(out, "%s\"sha256:%s\"", i ? ", " : "    digests: [",
			hex_encode(digests->items[i].bytes, BS_DIGEST_SIZE, hex));
	if (digests->n)
		fputs("]", out);
}

static void put_conditions(FILE *out, const struct policy_program *program)
{
	const char *separator = "";
	size_t n;
	const char *const *words = condition_names(&n);

	if (program->require.number)
		fputs("    require: [", out);
	for (size_t i = 0; i < n; i++) {
		if (!(program->require.number & 1ULL << i))
			continue;
		fprintf(out, "%s%s", separator, words[i]);
		separator = ", ";
	}
	if (program->require.number)
		fputs("]\n", out);
	put_choice(out, "    ", "measure", &program->measure, truth_names(&n));
}

/* What it is known by. */
static void put_identity(FILE *out, const struct policy_program *program)
{
	if (program->signer[0]) {
		fputs("    signer: ", out);
		put_text(out, program->signer);
	}
	put_digests(out, &program->digests);
}

static void put_program(FILE *out, const struct policy_program *program)
{
	fputs("  ", out);
	put_text(out, program->name);
	fputs(":\n", out);
	put_identity(out, program);
	for (size_t i = 0; i < program->n_exec; i++) {
		fputs(i ? ", " : "\n    exec: [", out);
		put_text(out, program->exec[i]);
	}
	fputs(program->n_exec ? "]\n" : "\n", out);
	if (program->latest)
		fputs("    min-sequence: latest\n", out);
	else if (program->min_sequence)
		fprintf(out, "    min-sequence: %llu\n", (unsigned long long)program->min_sequence);
	put_conditions(out, program);
	show_place(out, &program->place);
	put_grants(out, "    ", program);
	put_inside(out, program);
}

/* "off" is in quotes: it is a truth value to older YAML. */
static void put_lockdown(FILE *out, const struct policy *policy)
{
	size_t n;

	if (!policy->lockdown.key.line)
		return;
	fputs("kernel:\n  lockdown: ", out);
	put_text(out, level_names(&n)[policy->lockdown.number]);
	fputc('\n', out);
}

static void put_policy(FILE *out, const struct policy *policy)
{
	fprintf(out, "version: %u\n", policy->version);
	if (policy->n_programs)
		fputs("programs:\n", out);
	for (size_t i = 0; i < policy->n_programs; i++)
		put_program(out, &policy->programs[i]);
	if (policy->unsigned_.load.present || policy->unsigned_.maps.n ||
		policy->unsigned_.programs.n || policy->unsigned_.kernel.number) {
		fputs("unsigned:\n", out);
		put_grants(out, "  ", &policy->unsigned_);
	}
	put_lockdown(out, policy);
}

char *policy_show(const struct policy *policy)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	put_policy(out, policy);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return NULL;
	return TAKE_PTR(text);
}
