/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The walker behind the tables of keys. Knows kinds of values, and no policy. */

#include "src/yaml/yaml.h"

#include <string.h>

#include "src/base/text.h"

static const struct key *find_key(const struct level *level, const char *name)
{
	for (size_t i = 0; i < level->n_keys; i++)
		if (strcmp(level->keys[i].name, name) == 0)
			return &level->keys[i];
	return NULL;
}

/* "'version', 'programs'" into text. */
static void list_keys(const struct level *level, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (size_t i = 0; i < level->n_keys && used < size; i++)
		used += (size_t)snprintf(
			text + used, size - used, "%s'%s'", i ? ", " : "", level->keys[i].name);
}

static const char *nearest_key(const struct level *level, const char *name)
{
	const char *names[SCHEMA_KEYS] = {NULL};

	for (size_t i = 0; i < level->n_keys && i < SCHEMA_KEYS; i++)
		names[i] = level->keys[i].name;
	return nearest_word(name, names, level->n_keys);
}

/* The level that does have the key, or NULL. */
static const struct level *find_level(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->n_levels; i++)
		if (find_key(&schema->levels[i], name))
			return &schema->levels[i];
	return NULL;
}

static int refuse_unknown(struct reader *reader, const struct schema *schema,
	const struct level *level, const char *what)
{
	const char *name = reader->text, *nearest = nearest_key(level, name);
	const struct level *other = find_level(schema, name);
	char known[400];

	reader_refuse(reader, NULL, "unknown key '%s' in %s", name, what);
	list_keys(level, known, sizeof(known));
	if (other)
		diag_hint(reader->reterr, "it belongs %s", other->where);
	else if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	else
		diag_hint(reader->reterr, "known here: %s", known);
	return -EINVAL;
}

static int refuse_kind(struct reader *reader, const char *what, const char *expected)
{
	if (reader_is_null(reader))
		reader_refuse(reader, NULL, "%s has no value", what);
	else
		reader_refuse(reader, NULL, "%s cannot be %s", what, reader_kind(reader));
	diag_hint(reader->reterr, "expected %s", expected);
	return -EINVAL;
}

int schema_refuse_duplicate(
	struct reader *reader, const char *what, const char *name, unsigned line)
{
	reader_refuse(reader, NULL, "%s '%s' is given twice", what, name);
	diag_hint(reader->reterr, "remove it here or in line %u", line);
	return -EINVAL;
}

int schema_next_key(struct reader *reader)
{
	int r = reader_next(reader);
	if (r < 0)
		return r;
	if (reader->type == YAML_MAPPING_END_EVENT)
		return 0;
	if (reader->type != YAML_SCALAR_EVENT)
		return refuse_kind(reader, "a key", "a word");
	if (strcmp(reader->text, "<<") == 0)
		return reader_refuse(reader, "write the keys out", "merge key '<<' is not allowed");
	reader->key = reader->position;
	return 1;
}

static int check_required(struct reader *reader, const struct level *level, const unsigned *lines,
	const char *what, struct position position)
{
	for (size_t i = 0; i < level->n_keys; i++) {
		const struct key *key = &level->keys[i];
		if (!key->required || lines[i])
			continue;
		reader_refuse_at(reader, position, NULL, "%s has no '%s'", what, key->name);
		diag_hint(reader->reterr, "add '%s:' with %s", key->name, key->doc);
		return -EINVAL;
	}
	return 0;
}

/* lines: where each key of level was seen, 0 for not yet. */
static int read_pair(struct reader *reader, const struct schema *schema, const struct level *level,
	const char *what, unsigned *lines, void *into)
{
	const struct key *key = find_key(level, reader->text);
	if (!key)
		return refuse_unknown(reader, schema, level, what);

	unsigned *line = &lines[key - level->keys];
	if (*line)
		return schema_refuse_duplicate(reader, "key", key->name, *line);
	*line = reader->position.line;

	int r = reader_next(reader);
	if (r < 0)
		return r;
	return key->read(reader, key, (char *)into + key->offset);
}

int schema_read(struct reader *reader, const struct schema *schema, const struct level *level,
	const char *what, struct position position, void *into)
{
	unsigned lines[SCHEMA_KEYS] = {0};

	if (reader->type != YAML_MAPPING_START_EVENT) {
		char expected[400] = "a mapping with ";
		size_t used = strlen(expected);
		list_keys(level, expected + used, sizeof(expected) - used);
		return refuse_kind(reader, what, expected);
	}
	for (;;) {
		int r = schema_next_key(reader);
		if (r == 0)
			return check_required(reader, level, lines, what, position);
		if (r > 0)
			r = read_pair(reader, schema, level, what, lines, into);
		if (r < 0)
			return r;
	}
}

int schema_expect(struct reader *reader, const struct key *key, yaml_event_type_t type)
{
	char what[64];

	if (reader->type == type && !reader_is_null(reader))
		return 0;
	snprintf(what, sizeof(what), "'%s'", key->name);
	return refuse_kind(reader, what, key->doc);
}

/* The next text of a list: 1, or 0 at its end. */
static int next_item(struct reader *reader, const struct key *key)
{
	char what[64];

	int r = reader_next(reader);
	if (r < 0)
		return r;
	if (reader->type == YAML_SEQUENCE_END_EVENT)
		return 0;
	if (reader->type == YAML_SCALAR_EVENT && !reader_is_null(reader))
		return 1;
	snprintf(what, sizeof(what), "an item of '%s'", key->name);
	return refuse_kind(reader, what, key->doc);
}

int schema_read_list(struct reader *reader, const struct key *key,
	int (*item)(struct reader *reader, const struct key *key, void *field), void *field)
{
	struct position position = reader->position;

	int r = schema_expect(reader, key, YAML_SEQUENCE_START_EVENT);
	if (r < 0)
		return r;
	r = next_item(reader, key);
	if (r == 0) {
		reader_refuse_at(reader, position, NULL, "'%s' is an empty list", key->name);
		diag_hint(reader->reterr, "expected %s, at least one", key->doc);
		return -EINVAL;
	}
	while (r > 0) {
		r = item(reader, key, field);
		if (r == 0)
			r = next_item(reader, key);
	}
	return r;
}

int schema_read_number(struct reader *reader, const struct key *key, uint64_t *ret)
{
	const char *text = reader->text;
	size_t n = strspn(text, "0123456789");
	bool octal = text[0] == '0' && n > 1; /* 010 is 8 in YAML 1.1 and 10 in 1.2 */

	if (!reader->plain || n == 0 || text[n] || octal) {
		reader_refuse(reader, NULL, "'%s' cannot be '%s'%s", key->name, text,
			reader->plain ? "" : " in quotes");
		diag_hint(reader->reterr, "expected %s", key->doc);
		return -EINVAL;
	}
	errno = 0;
	unsigned long long number = strtoull(text, NULL, 10);
	if (errno == ERANGE)
		return reader_refuse(reader, "the largest number is 18446744073709551615",
			"'%s' is too large for '%s'", text, key->name);
	*ret = number;
	return 0;
}

int schema_read_word(
	struct reader *reader, const char *what, const char *const *words, size_t n, size_t *ret)
{
	char known[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(reader->text, words[i]) == 0) {
			*ret = i;
			return 0;
		}
		if (used < sizeof(known))
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s'%s'",
				i ? ", " : "", words[i]);
	}
	const char *nearest = nearest_word(reader->text, words, n);
	reader_refuse(reader, NULL, "'%s' is no %s", reader->text, what);
	if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	else
		diag_hint(reader->reterr, "known are %s", known);
	return -EINVAL;
}

/* What one list of two is for. */
struct list {
	schema_item_fn item;
	void *field;
	bool deny;
};

static int read_list_item(struct reader *reader, const struct key *key, void *field)
{
	const struct list *list = field;

	return list->item(reader, key, list->field, list->deny);
}

static int read_list_key(
	struct reader *reader, const struct key *key, struct list *list, unsigned lines[static 2])
{
	static const char *const words[] = {"allow", "deny"};
	unsigned line = reader->position.line;
	char what[64];
	size_t word;

	snprintf(what, sizeof(what), "key of '%s'", key->name);
	int r = schema_read_word(reader, what, words, ARRAY_SIZE(words), &word);
	if (r < 0)
		return r;
	if (lines[word])
		return schema_refuse_duplicate(reader, "key", words[word], lines[word]);
	lines[word] = line;
	list->deny = word == 1;
	r = reader_next(reader);
	return r < 0 ? r : schema_read_list(reader, key, read_list_item, list);
}

int schema_read_lists(
	struct reader *reader, const struct key *key, schema_item_fn item, void *field)
{
	struct position position = reader->position;
	struct list list = {.item = item, .field = field};
	unsigned lines[2] = {0};

	if (reader->type != YAML_MAPPING_START_EVENT)
		return schema_read_list(reader, key, read_list_item, &list);
	for (;;) {
		int r = schema_next_key(reader);
		if (r == 0 && !lines[0] && !lines[1])
			return reader_refuse_at(reader, position,
				"add 'allow:' or 'deny:' with a list, or remove it",
				"'%s' is an empty mapping", key->name);
		if (r > 0)
			r = read_list_key(reader, key, &list, lines);
		else
			return r;
		if (r < 0)
			return r;
	}
}
