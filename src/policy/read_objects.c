/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `maps:` and `programs:`: NAME or OWNER:NAME to what is granted. */

#include "src/policy/read.h"

#include <string.h>

#include "src/names/names.h"

static int refuse_pattern(
	struct reader *reader, const char *what, const char *text, const char *problem)
{
	bool is_owner = strcmp(what, "owner") == 0;

	reader_refuse(reader, NULL, "%s '%s' %s", what, text, problem);
	if (strchr(problem, '*'))
		diag_hint(reader->reterr,
			"a '*' may stand at the end only, and matches whatever follows");
	else if (is_owner)
		diag_hint(reader->reterr,
			"an owner is the name of a program, '%s' or '%s', or begins one and ends with '*'",
			POLICY_OWNER_UNSIGNED, POLICY_OWNER_BEFORE);
	else
		diag_hint(reader->reterr,
			"the kernel has names of 1 to %d of 'A' to 'Z', 'a' to 'z', '0' to '9', '_' and '.'",
			BS_MAP_NAME - 1);
	return -EINVAL;
}

/* "alice:ct_*" into owner and name; without a ':' all is the name. */
static int read_key(struct reader *reader, struct policy_object *object)
{
	static const char owners[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	static const char names[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
	const char *colon = strchr(reader->text, ':'), *name = colon ? colon + 1 : reader->text;
	char owner[READER_TEXT_LIMIT + 1] = "";

	if (colon) {
		memcpy(owner, reader->text, (size_t)(colon - reader->text));
		const char *problem = read_pattern_problem(owner, owners, BS_NAME_SIZE - 1);
		if (problem)
			return refuse_pattern(reader, "owner", owner, problem);
	}
	const char *problem = read_pattern_problem(name, names, BS_MAP_NAME - 1);
	if (problem)
		return refuse_pattern(reader, "name", name, problem);
	strcpy(object->owner, owner);
	strcpy(object->name, name);
	return 0;
}

static int add_object(struct reader *reader, const struct key *key, struct policy_objects *objects)
{
	struct policy_object object = {.position = reader->position};

	int r = read_key(reader, &object);
	if (r < 0)
		return r;
	for (size_t i = 0; i < objects->n; i++)
		if (strcmp(objects->items[i].owner, object.owner) == 0 &&
			strcmp(objects->items[i].name, object.name) == 0)
			return schema_refuse_duplicate(
				reader, "key", reader->text, objects->items[i].position.line);
	if (objects->n == BS_RULES) {
		reader_refuse(reader, NULL, "'%s' has more than %d lines", key->name, BS_RULES);
		diag_hint(reader->reterr, "use a '*' for several names at once");
		return -EINVAL;
	}
	objects->items[objects->n++] = object;
	return 0;
}

static int read_access(struct reader *reader, const struct key *key, const char *what,
	const char *const *words, size_t n, struct policy_object *object)
{
	size_t word;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r == 0)
		r = schema_read_word(reader, what, words, n, &word);
	if (r == 0)
		object->access = (uint32_t)word;
	return r;
}

static int read_rules(struct reader *reader, const struct key *key, const char *what,
	const char *const *words, size_t n, struct policy_objects *objects)
{
	struct position position = reader->position;

	int r = schema_expect(reader, key, YAML_MAPPING_START_EVENT);
	while (r == 0) {
		r = schema_next_key(reader);
		if (r == 0 && objects->n == 0) {
			reader_refuse_at(
				reader, position, NULL, "'%s' is an empty mapping", key->name);
			diag_hint(reader->reterr, "expected %s, at least one", key->doc);
			return -EINVAL;
		}
		if (r <= 0)
			break;
		r = add_object(reader, key, objects);
		if (r == 0)
			r = reader_next(reader);
		if (r == 0)
			r = read_access(
				reader, key, what, words, n, &objects->items[objects->n - 1]);
	}
	return r;
}

int read_maps(struct reader *reader, const struct key *key, void *field)
{
	size_t n;
	const char *const *words = map_access_names(&n);

	return read_rules(reader, key, "access to a map", words, n, field);
}

int read_objects(struct reader *reader, const struct key *key, void *field)
{
	size_t n;
	const char *const *words = program_access_names(&n);

	return read_rules(reader, key, "access to a program", words, n, field);
}
