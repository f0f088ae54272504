/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * YAML to struct policy: the keys, and the form of their values. check.c judges the meaning of a
 * policy, src/yaml the YAML itself.
 *
 * A new key is a line in the table of its level, a field in policy.h and, where no read_X() fits, a
 * function. The tables produce the messages about an unknown, missing, doubled or mistyped key.
 * Then come its default in policy.c, its text in show.c, its bytes in src/image, and its paragraph
 * in docs/man/bpfsign-policy.5.scd.
 */

#include <string.h>

#include "src/base/file.h"
#include "src/base/text.h"
#include "src/policy/policy.h"
#include "src/policy/read.h"

static int read_version(struct reader *reader, const struct key *key, void *field);
static int read_programs(struct reader *reader, const struct key *key, void *field);
static int read_unsigned(struct reader *reader, const struct key *key, void *field);
static int read_signer(struct reader *reader, const struct key *key, void *field);
static int read_exec(struct reader *reader, const struct key *key, void *field);
static int read_sequence(struct reader *reader, const struct key *key, void *field);
static int read_load(struct reader *reader, const struct key *key, void *field);
static int read_kernel(struct reader *reader, const struct key *key, void *field);

#define REQUIRED         true
#define OPTIONAL         false
#define AT(type, member) offsetof(struct type, member)
#define ALLOW_OR_DENY    "'allow' or 'deny'"
#define LISTS(what)      "a list of " what ", or lists 'allow' and 'deny' of them"

// clang-format off
static const struct key policy_keys[] = {
	{"version",      read_version,  REQUIRED, AT(policy, version), "the number 1"},
	{"programs",     read_programs, OPTIONAL, 0, "a mapping of program names"},
	{"unsigned",     read_unsigned, OPTIONAL, AT(policy, unsigned_), "what everybody else may do"},
	{"kernel",       read_kernel,   OPTIONAL, 0, "a mapping with 'lockdown'"},
};
static const struct key program_keys[] = {
	{"signer",       read_signer,   OPTIONAL, 0, "the name of an enrolled signer"},
	{"digests",      read_digests,  OPTIONAL, AT(policy_program, digests), DIGESTS_DOC},
	{"require",      read_conditions, OPTIONAL, AT(policy_program, require), CONDITIONS_DOC},
	{"measure",      read_truth,    OPTIONAL, AT(policy_program, measure), "'true' or 'false'"},
	{"exec",         read_exec,     OPTIONAL, 0, "a list of absolute paths"},
	{"min-sequence", read_sequence, OPTIONAL, 0, "a plain decimal number, or 'latest'"},
	{"pods",         read_pods,     OPTIONAL, AT(policy_program, place), PODS_DOC},
	{"cgroup",       read_cgroup,   OPTIONAL, AT(policy_program, place), CGROUP_DOC},
	{"user-namespace", read_namespace, OPTIONAL, AT(policy_program, place.any_namespace), NAMESPACE_DOC},
	{"load",         read_load,     OPTIONAL, AT(policy_program, load), "what it may load"},
	{"maps",         read_maps,     OPTIONAL, AT(policy_program, maps), MAPS_DOC},
	{"programs",     read_objects,  OPTIONAL, AT(policy_program, programs), PROGRAMS_DOC},
	{"maps-compat",  read_truth,    OPTIONAL, AT(policy_program, maps_compat), "'true' or 'false'"},
	{"collateral",   read_collateral, OPTIONAL, AT(policy_program, files), COLLATERAL_DOC},
	{"unsigned-files", read_files,  OPTIONAL, AT(policy_program, files.unsigned_files), FILES_DOC},
	{"libraries",    read_libraries, OPTIONAL, AT(policy_program, files.libraries), LIBRARIES_DOC},
	{"jit",          read_switch,   OPTIONAL, AT(policy_program, files.jit), ALLOW_OR_DENY},
	{"options",      read_switch,   OPTIONAL, AT(policy_program, options), ALLOW_OR_DENY},
	{"file-signers", read_signers,  OPTIONAL, AT(policy_program, files), "a list of enrolled signers"},
	{"kernel",       read_exceptions, OPTIONAL, AT(policy_program, kernel), EXCEPTIONS_DOC},
};
static const struct key unsigned_keys[] = {
	{"load",         read_load,     OPTIONAL, AT(policy_program, load), "what it may load"},
	{"maps",         read_maps,     OPTIONAL, AT(policy_program, maps), MAPS_DOC},
	{"programs",     read_objects,  OPTIONAL, AT(policy_program, programs), PROGRAMS_DOC},
	{"kernel",       read_exceptions, OPTIONAL, AT(policy_program, kernel), EXCEPTIONS_DOC},
};
static const struct key kernel_keys[] = {
	{"lockdown",     read_level,    REQUIRED, AT(policy, lockdown), LEVEL_DOC},
};
static const struct key load_keys[] = {
	{"types",        read_types,    REQUIRED, 0, "a list of program types"},
	{"attach",       read_attach,   OPTIONAL, 0, LISTS("kinds like 'xdp' or 'fentry/tcp_*'")},
	{"helpers",      read_helpers,  OPTIONAL, AT(policy_load, helpers), LISTS("helpers and groups")},
	{"kfuncs",       read_kfuncs,   OPTIONAL, AT(policy_load, kfuncs), LISTS("kfuncs and groups")},
	{"kernel-reads", read_switch,   OPTIONAL, AT(policy_load, kernel_reads), ALLOW_OR_DENY},
	{"user-reads",   read_switch,   OPTIONAL, AT(policy_load, user_reads), ALLOW_OR_DENY},
	{"user-writes",  read_switch,   OPTIONAL, AT(policy_load, user_writes), ALLOW_OR_DENY},
	{"map-writes",   read_scope,    OPTIONAL, AT(policy_load, map_writes), SCOPE_DOC},
	{"map-reads",    read_scope,    OPTIONAL, AT(policy_load, map_reads), SCOPE_DOC},
	{"max-instructions", read_maximum, OPTIONAL, AT(policy_load, max_instructions), MAXIMUM_DOC},
	{"max-maps",     read_maximum,  OPTIONAL, AT(policy_load, max_maps), MAXIMUM_DOC},
	{"signed-programs", read_truth, OPTIONAL, AT(policy_load, signed_programs), "'true' or 'false'"},
};

enum { POLICY_LEVEL, PROGRAM_LEVEL, UNSIGNED_LEVEL, KERNEL_LEVEL, LOAD_LEVEL };
static const struct level levels[] = {
	[POLICY_LEVEL]   = {"at the top level",          policy_keys,   ARRAY_SIZE(policy_keys)},
	[PROGRAM_LEVEL]  = {"in an entry of 'programs'", program_keys,  ARRAY_SIZE(program_keys)},
	[UNSIGNED_LEVEL] = {"in 'unsigned'",             unsigned_keys, ARRAY_SIZE(unsigned_keys)},
	[KERNEL_LEVEL]   = {"in 'kernel'",               kernel_keys,   ARRAY_SIZE(kernel_keys)},
	[LOAD_LEVEL]     = {"in 'load'",                 load_keys,     ARRAY_SIZE(load_keys)},
};
// clang-format on
_Static_assert(ARRAY_SIZE(policy_keys) <= SCHEMA_KEYS, "policy_keys[]");
_Static_assert(ARRAY_SIZE(program_keys) <= SCHEMA_KEYS, "program_keys[]");
_Static_assert(ARRAY_SIZE(unsigned_keys) <= SCHEMA_KEYS, "unsigned_keys[]");
_Static_assert(ARRAY_SIZE(load_keys) <= SCHEMA_KEYS, "load_keys[]");

static const struct schema schema = {levels, ARRAY_SIZE(levels)};

static int read_version(struct reader *reader, const struct key *key, void *field)
{
	unsigned *version = field;
	uint64_t number;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	r = schema_read_number(reader, key, &number);
	if (r < 0)
		return r;
	if (number != 1)
		return reader_refuse(reader, "this bpfsign reads 'version: 1'",
			"policy version '%s' is not known", reader->text);
	*version = (unsigned)number;
	return 0;
}

static int read_signer(struct reader *reader, const struct key *key, void *field)
{
	struct policy_program *program = field;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	program->signer_position = reader->position;
	return read_name(reader, "signer", program->signer);
}

static bool has_path(const struct policy_program *program, const char *path)
{
	for (size_t i = 0; i < program->n_exec; i++)
		if (strcmp(program->exec[i], path) == 0)
			return true;
	return false;
}

static int add_path(struct reader *reader, const struct key *key, void *field)
{
	struct policy_program *program = field;
	const char *path = reader->text, *problem = read_path_problem(path);

	if (problem)
		return reader_refuse(reader, "write the path that 'realpath FILE' prints",
			"path '%s' %s", path, problem);
	if (has_path(program, path))
		return reader_refuse(
			reader, "remove one of them", "path '%s' is given twice", path);
	if (program->n_exec == BS_EXEC_PATHS)
		return reader_refuse(reader,
			"remove some, or all: what identifies a program is its signature",
			"'%s' has more than %d paths", key->name, BS_EXEC_PATHS);
	program->exec_positions[program->n_exec] = reader->position;
	strcpy(program->exec[program->n_exec++], path); /* READER_TEXT_LIMIT fits */
	return 0;
}

static int read_exec(struct reader *reader, const struct key *key, void *field)
{
	if (reader->type == YAML_SCALAR_EVENT && !reader_is_null(reader))
		return add_path(reader, key, field);
	return schema_read_list(reader, key, add_path, field);
}

static int read_sequence(struct reader *reader, const struct key *key, void *field)
{
	struct policy_program *program = field;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	program->latest = strcmp(reader->text, "latest") == 0;
	return program->latest ? 0 : schema_read_number(reader, key, &program->min_sequence);
}

static int read_load(struct reader *reader, const struct key *key, void *field)
{
	struct policy_load *load = field;

	load->present = true;
	int r = schema_read(reader, &schema, &levels[LOAD_LEVEL], "'load'", reader->key, load);
	return r < 0 ? r : read_attach_check(reader, load);
}

static int read_kernel(struct reader *reader, const struct key *key, void *field)
{
	return schema_read(reader, &schema, &levels[KERNEL_LEVEL], "'kernel'", reader->key, field);
}

static int read_unsigned(struct reader *reader, const struct key *key, void *field)
{
	struct policy_program *entry = field;

	entry->position = reader->key;
	return schema_read(
		reader, &schema, &levels[UNSIGNED_LEVEL], "'unsigned'", entry->position, entry);
}

/* Room for one more program, all zero; NULL without memory. */
static struct policy_program *grow(struct policy *policy)
{
	size_t n = policy->n_programs;

	if ((n & (n - 1)) == 0) { /* full at each power of two */
		struct policy_program *grown =
			reallocarray(policy->programs, n ? 2 * n : 1, sizeof(*policy->programs));
		if (!grown)
			return NULL;
		policy->programs = grown;
	}
	policy->programs[n] = (struct policy_program){0};
	return &policy->programs[policy->n_programs++];
}

/* In `maps:` and `programs:` these two are owners that no entry has. */
static int refuse_reserved(struct reader *reader)
{
	if (strcmp(reader->text, POLICY_OWNER_UNSIGNED) != 0 &&
		strcmp(reader->text, POLICY_OWNER_BEFORE) != 0)
		return 0;
	return reader_refuse(reader, "sign the program under another name",
		"no program can be called '%s': it names an owner in 'maps'", reader->text);
}

/* The entry for the name that the reader is at. */
static int add_program(struct reader *reader, struct policy *policy, struct policy_program **ret)
{
	for (size_t i = 0; i < policy->n_programs; i++)
		if (strcmp(policy->programs[i].name, reader->text) == 0)
			return schema_refuse_duplicate(
				reader, "program", reader->text, policy->programs[i].position.line);
	if (policy->n_programs == POLICY_PROGRAMS)
		return reader_refuse(reader, "remove programs that this machine does not have",
			"program '%s' is one too many, a policy has at most %d", reader->text,
			POLICY_PROGRAMS);
	int r = refuse_reserved(reader);
	if (r < 0)
		return r;

	struct policy_program *program = grow(policy);
	if (!program)
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	program->position = reader->position;
	*ret = program;
	return read_name(reader, "program", program->name);
}

static int read_program(struct reader *reader, struct policy *policy)
{
	struct policy_program *program = NULL;
	char what[BS_NAME_SIZE + 16];

	int r = add_program(reader, policy, &program);
	if (r < 0)
		return r;
	snprintf(what, sizeof(what), "program '%s'", program->name);
	r = reader_next(reader);
	if (r < 0)
		return r;
	r = schema_read(reader, &schema, &levels[PROGRAM_LEVEL], what, program->position, program);
	return r < 0 ? r : read_identity_check(reader, program);
}

static int read_programs(struct reader *reader, const struct key *key, void *field)
{
	struct policy *policy = field;

	int r = schema_expect(reader, key, YAML_MAPPING_START_EVENT);
	while (r == 0) {
		r = schema_next_key(reader);
		if (r <= 0)
			break;
		r = read_program(reader, policy);
	}
	return r;
}

static int refuse_size(const char *path, struct diag *reterr)
{
	diag_set(reterr, -EFBIG, "the policy is larger than %d MiB", POLICY_SIZE_LIMIT >> 20);
	diag_hint(reterr, "is this the right file?");
	diag_at(reterr, path, 0, 0);
	return -EFBIG;
}

int policy_parse(
	const char *path, const void *text, size_t size, struct policy *ret, struct diag *reterr)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(reader_done) struct reader reader = {0};

	if (size > POLICY_SIZE_LIMIT)
		return refuse_size(path, reterr);
	policy.path = strdup(path);
	if (!policy.path)
		return diag_set(reterr, -ENOMEM, "out of memory");

	int r = reader_open(&reader, path, text, size, reterr);
	if (r < 0)
		return r;
	r = schema_read(
		&reader, &schema, &levels[POLICY_LEVEL], "the policy", reader.position, &policy);
	if (r < 0)
		return r;
	r = reader_close(&reader);
	if (r < 0)
		return r;
	policy_fill_defaults(&policy);
	*ret = policy;
	policy = (struct policy){0};
	return 0;
}

int policy_load(const char *path, struct policy *ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};

	int r = read_file(path, POLICY_SIZE_LIMIT, &bytes);
	if (r == -EFBIG)
		return refuse_size(path, reterr);
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	return policy_parse(path, bytes.data, bytes.size, ret, reterr);
}
