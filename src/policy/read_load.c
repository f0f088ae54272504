/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The values of `load:` but for `attach:`. */

#include "src/base/text.h"
#include "src/policy/read.h"

#include <string.h>

#include "src/names/functions.h"
#include "src/names/names.h"

static int refuse_type(struct reader *reader)
{
	size_t n;
	const char *const *names = prog_type_names(&n);
	const char *nearest = nearest_word(reader->text, names, n);

	reader_refuse(reader, "bpfsign-policy(5) lists the program types",
		"unknown program type '%s'", reader->text);
	if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	return -EINVAL;
}

static int add_type(struct reader *reader, const struct key *key, void *field)
{
	struct policy_load *load = field;

	int type = prog_type_find(reader->text);
	if (type < 0)
		return refuse_type(reader);
	if (load->types & 1ULL << type)
		return reader_refuse(reader, "remove one of them",
			"program type '%s' is given twice", reader->text);
	load->types |= 1ULL << type;
	return 0;
}

int read_types(struct reader *reader, const struct key *key, void *field)
{
	struct policy_load *load = field;

	load->types_key = reader->key;
	return schema_read_list(reader, key, add_type, load);
}

/* --- words and numbers ---------------------------------------------------------------------- */

int read_choice(struct reader *reader, const struct key *key,
	const char *const *(*words)(size_t *n), void *field)
{
	struct policy_value *value = field;
	struct position position = reader->key;
	char what[64];
	size_t n, word;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	const char *const *known = words(&n);
	snprintf(what, sizeof(what), "value of '%s'", key->name);
	r = schema_read_word(reader, what, known, n, &word);
	if (r == 0)
		*value = (struct policy_value){word, position};
	return r;
}

int read_switch(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, switch_names, field);
}

int read_truth(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, truth_names, field);
}

int read_scope(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, scope_names, field);
}

int read_maximum(struct reader *reader, const struct key *key, void *field)
{
	struct policy_value *value = field;
	struct position position = reader->key;
	uint64_t number;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r == 0)
		r = schema_read_number(reader, key, &number);
	if (r < 0)
		return r;
	if (number == 0)
		return reader_refuse(reader, "expected " MAXIMUM_DOC ", or no such key",
			"'%s' cannot be 0", key->name);
	if (number >= BS_ANY)
		return reader_refuse(reader, "remove it: the kernel's own limit is lower",
			"'%s' is too large for '%s'", reader->text, key->name);
	*value = (struct policy_value){number, position};
	return 0;
}

/* --- helpers and kfuncs --------------------------------------------------------------------- */

static int refuse_group(struct reader *reader, const char *key)
{
	const char *words[FUNCTION_GROUP_END + 1] = {FUNCTION_PLAIN};

	for (unsigned i = 0; i < FUNCTION_GROUP_END; i++)
		words[i + 1] = function_group_name(i);
	const char *nearest = nearest_word(reader->text, words, ARRAY_SIZE(words));
	reader_refuse(reader, "bpfsign-policy(5) lists the groups",
		"'%s' in '%s' is neither a function nor a group", reader->text, key);
	if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	return -EINVAL;
}

static bool is_identifier(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char rest[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return text[0] && strchr(first, text[0]) && text[strspn(text, rest)] == 0;
}

/* The word in full into text: a helper may be given without its "bpf_". */
static int complete_word(
	struct reader *reader, const struct key *key, bool is_helper, char *text, size_t size)
{
	bool shortened = is_helper && strncmp(reader->text, "bpf_", 4) != 0;

	if (function_is_group(reader->text)) {
		strcpy(text, reader->text); /* the longest group is shorter than any size */
		return 0;
	}
	if (!is_identifier(reader->text))
		return refuse_group(reader, key->name);
	if ((size_t)snprintf(text, size, "%s%s", shortened ? "bpf_" : "", reader->text) >= size)
		return reader_refuse(reader, "no function of the kernel is called so",
			"'%s' is too long for '%s'", reader->text, key->name);
	return 0;
}

/* A name that functions.def has in the other list is in the wrong one. */
static int check_list(struct reader *reader, const char *text, bool is_helper)
{
	if (function_is_group(text) || !function_is_known(text) ||
		function_is_helper(text) == is_helper)
		return 0;
	return reader_refuse(reader, is_helper ? "move it to 'kfuncs'" : "move it to 'helpers'",
		"'%s' is a %s", text, is_helper ? "kfunc" : "helper");
}

static int add_word(struct reader *reader, const struct key *key, struct policy_functions *words,
	bool is_helper, bool deny)
{
	struct policy_function word = {.deny = deny, .position = reader->position};

	int r = complete_word(reader, key, is_helper, word.text, sizeof(word.text));
	if (r == 0)
		r = check_list(reader, word.text, is_helper);
	if (r < 0)
		return r;
	for (size_t i = 0; i < words->n; i++)
		if (words->items[i].deny == deny && strcmp(words->items[i].text, word.text) == 0)
			return schema_refuse_duplicate(
				reader, "function", word.text, words->items[i].position.line);

	struct policy_function *grown = reallocarray(words->items, words->n + 1, sizeof(*grown));
	if (!grown)
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	words->items = grown;
	words->items[words->n++] = word;
	return 0;
}

static int add_helper(struct reader *reader, const struct key *key, void *field, bool deny)
{
	return add_word(reader, key, field, /* is_helper= */ true, deny);
}

static int add_kfunc(struct reader *reader, const struct key *key, void *field, bool deny)
{
	return add_word(reader, key, field, /* is_helper= */ false, deny);
}

int read_helpers(struct reader *reader, const struct key *key, void *field)
{
	struct policy_functions *words = field;

	words->key = reader->key;
	return schema_read_lists(reader, key, add_helper, words);
}

int read_kfuncs(struct reader *reader, const struct key *key, void *field)
{
	struct policy_functions *words = field;

	words->key = reader->key;
	return schema_read_lists(reader, key, add_kfunc, words);
}
