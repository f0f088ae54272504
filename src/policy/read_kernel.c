/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `kernel:`: the policy's level of lockdown, and the exceptions of an entry. */

#include "src/base/text.h"
#include "src/policy/read.h"

#include <string.h>

#include "src/names/names.h"

int read_level(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, level_names, field);
}

static int refuse_exception(struct reader *reader, const char *const *words, size_t n)
{
	const char *nearest = nearest_word(reader->text, words, n);

	reader_refuse(reader, "bpfsign-policy(5) lists the words",
		"'%s' is nothing that 'kernel' could except from", reader->text);
	if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	return -EINVAL;
}

static int add_exception(struct reader *reader, const struct key *key, void *field)
{
	struct policy_value *value = field;
	size_t n;
	const char *const *words = lockdown_names(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(reader->text, words[i]) != 0)
			continue;
		if (value->number & 1ULL << i)
			return reader_refuse(reader, "remove one of them",
				"'%s' is given twice in '%s'", reader->text, key->name);
		value->number |= 1ULL << i;
		return 0;
	}
	return refuse_exception(reader, words, n);
}

int read_exceptions(struct reader *reader, const struct key *key, void *field)
{
	struct policy_value *value = field;

	value->key = reader->key;
	return schema_read_list(reader, key, add_exception, value);
}
