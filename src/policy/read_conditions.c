/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `digests:`, `require:`, and what an entry is known by: its signer, or its digests. */

#include "src/base/text.h"
#include "src/policy/read.h"

#include <string.h>

#include "src/names/names.h"

#define DIGEST_PREFIX "sha256:"

/* --- digests -------------------------------------------------------------------------------- */

/* "sha256:" and 64 hexadecimal digits, which `fsverity measure` prints. */
static bool parse_digest(const char *text, uint8_t digest[static BS_DIGEST_SIZE])
{
	const char *hex = text + sizeof(DIGEST_PREFIX) - 1;

	if (strncmp(text, DIGEST_PREFIX, sizeof(DIGEST_PREFIX) - 1) != 0 ||
		strlen(hex) != 2 * BS_DIGEST_SIZE)
		return false;
	return hex_decode(hex, digest, BS_DIGEST_SIZE) == 0;
}

static int add_digest(struct reader *reader, const struct key *key, void *field)
{
	struct policy_digests *digests = field;
	struct policy_digest digest = {.position = reader->position};

	if (!parse_digest(reader->text, digest.bytes)) {
		reader_refuse(reader, NULL, "'%s' is not an fs-verity digest", reader->text);
		diag_hint(reader->reterr,
			"write what 'fsverity digest FILE' prints: '%s' and %d digits",
			DIGEST_PREFIX, 2 * BS_DIGEST_SIZE);
		return -EINVAL;
	}
	for (size_t i = 0; i < digests->n; i++)
		if (memcmp(digests->items[i].bytes, digest.bytes, sizeof(digest.bytes)) == 0)
			return schema_refuse_duplicate(
				reader, "digest", reader->text, digests->items[i].position.line);
	if (digests->n == BS_DIGESTS)
		return reader_refuse(reader, "sign the program instead",
			"'%s' has more than %d digests", key->name, BS_DIGESTS);
	digests->items[digests->n++] = digest;
	return 0;
}

int read_digests(struct reader *reader, const struct key *key, void *field)
{
	struct policy_digests *digests = field;

	digests->key = reader->key;
	return schema_read_list(reader, key, add_digest, digests);
}

/* --- conditions ----------------------------------------------------------------------------- */

static int add_condition(struct reader *reader, const struct key *key, void *field)
{
	struct policy_value *value = field;
	size_t n, word;
	const char *const *words = condition_names(&n);

	int r = schema_read_word(reader, "condition", words, n, &word);
	if (r < 0)
		return r;
	if (value->number & 1ULL << word)
		return reader_refuse(reader, "remove one of them", "'%s' is given twice in '%s'",
			reader->text, key->name);
	value->number |= 1ULL << word;
	return 0;
}

int read_conditions(struct reader *reader, const struct key *key, void *field)
{
	struct policy_value *value = field;

	value->key = reader->key;
	return schema_read_list(reader, key, add_condition, value);
}

/* --- the whole entry ------------------------------------------------------------------------ */

int read_identity_check(struct reader *reader, const struct policy_program *program)
{
	struct position position = program->digests.key;
	bool is_signed = program->signer[0];

	if (!is_signed && !program->digests.n)
		return reader_refuse_at(reader, program->position,
			"add 'signer:' with the name of an enrolled signer, or 'digests:'",
			"program '%s' has no 'signer'", program->name);
	if (is_signed && program->digests.n)
		return reader_refuse_at(reader, position, "remove one of them",
			"program '%s' has both 'signer' and 'digests'", program->name);
	if (program->digests.n && (program->latest || program->min_sequence))
		return reader_refuse_at(reader, position, "remove 'min-sequence'",
			"'min-sequence' of '%s' is about claims, and 'digests' are none",
			program->name);
	return 0;
}
