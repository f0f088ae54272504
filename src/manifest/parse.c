/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the text of a manifest to its entries. Rejects everything that manifest.c would not write.
 */

#include <ctype.h>
#include <string.h>

#include "keyring/base64.h"
#include "src/base/text.h"
#include "src/manifest/manifest.h"
#include "src/names/names.h"

/* The line that is read, and how far. */
struct reader {
	const char *file;
	const char *begin, *next, *end; /* of the line; next is before a space or at the end */
	unsigned line;
	struct diag *reterr;
};

/* A field of the line. */
struct field {
	const char *text;
	size_t size;
};

static int __attribute__((format(printf, 3, 4)))
refuse(struct reader *reader, const char *at, const char *format, ...)
{
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	diag_set(reader->reterr, -EBADMSG, "%s", message);
	diag_at(reader->reterr, reader->file, reader->line, (unsigned)(at - reader->begin) + 1);
	return -EBADMSG;
}

/* The next field, which must be there; what is its name in the message. */
static int take(struct reader *reader, const char *what, struct field *ret)
{
	const char *start = reader->next;

	if (start != reader->begin) {
		if (start == reader->end)
			return refuse(reader, start, "%s is missing", what);
		start++; /* the space */
	}
	const char *space = memchr(start, ' ', (size_t)(reader->end - start));
	reader->next = space ? space : reader->end;
	*ret = (struct field){start, (size_t)(reader->next - start)};
	return ret->size ? 0 : refuse(reader, start, "%s is missing", what);
}

static bool is_word(struct field field, const char *word)
{
	return field.size == strlen(word) && memcmp(field.text, word, field.size) == 0;
}

/* Decimal, as printf writes it: no sign, no leading zero. */
static int read_number(struct reader *reader, struct field field, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < field.size; i++) {
		unsigned digit = (unsigned)(field.text[i] - '0');
		if (digit > 9 || (i == 1 && value == 0) ||
			__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, digit, &value))
			return refuse(reader, field.text, "this is no number");
	}
	*ret = value;
	return 0;
}

/* --- the fields of a file ------------------------------------------------------------------- */

static int hex_digit(char character)
{
	return character >= '0' && character <= '9'   ? character - '0'
	       : character >= 'a' && character <= 'f' ? character - 'a' + 10
						      : -1;
}

/* The byte of "\xNN", if it is one that has to be written so; else -EINVAL. */
static int unescape(const char *text, size_t size)
{
	if (size < 4 || text[1] != 'x' || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0)
		return -EINVAL;
	int byte = hex_digit(text[2]) << 4 | hex_digit(text[3]);
	bool plain = byte > ' ' && byte <= '~' && byte != '\\';
	return byte == 0 || plain ? -EINVAL : byte;
}

static int read_path(struct reader *reader, struct manifest_entry *entry)
{
	struct field field;
	int r = take(reader, "the path", &field);

	if (r < 0)
		return r;
	entry->path = malloc(field.size + 1);
	if (!entry->path)
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	size_t n = 0;
	for (size_t i = 0; i < field.size; i++) {
		int byte = field.text[i];
		if (byte == '\\') {
			byte = unescape(field.text + i, field.size - i);
			i += 3;
		} else if (byte <= ' ' || byte > '~') {
			byte = -EINVAL;
		}
		if (byte < 0) {
			entry->path[n] = 0;
			return refuse(reader, field.text, "the path is not escaped as it must be");
		}
		entry->path[n++] = (char)byte;
	}
	entry->path[n] = 0;
	return 0;
}

static int read_role(struct reader *reader, enum bs_role *ret)
{
	struct field field;
	int r = take(reader, "the role", &field);

	for (int role = BS_ROLE_NONE + 1; r == 0 && role < BS_ROLE_ORDER; role++) {
		if (is_word(field, role_name((enum bs_role)role))) {
			*ret = (enum bs_role)role;
			return 0;
		}
	}
	return r < 0 ? r : refuse(reader, field.text, "this is no role of a file");
}

static int read_name(struct reader *reader, char ret[BS_NAME_SIZE])
{
	struct field field;
	int r = take(reader, "the name", &field);

	if (r < 0)
		return r;
	if (field.size < BS_NAME_SIZE) {
		memcpy(ret, field.text, field.size);
		ret[field.size] = 0;
	}
	return field.size < BS_NAME_SIZE && strlen(ret) == field.size && name_is_valid(ret)
		       ? 0
		       : refuse(reader, field.text, "this is no name ([a-z0-9._-]{1,63})");
}

/* The text after "PREFIX:". */
static bool after_prefix(struct field field, const char *prefix, struct field *ret)
{
	size_t size = strlen(prefix);

	if (field.size <= size || memcmp(field.text, prefix, size) != 0 || field.text[size] != ':')
		return false;
	*ret = (struct field){field.text + size + 1, field.size - size - 1};
	return true;
}

static int read_hash(struct reader *reader, struct field field, uint8_t ret[SHA256_SIZE])
{
	char text[2 * SHA256_SIZE + 1] = "";

	if (field.size == sizeof(text) - 1)
		memcpy(text, field.text, field.size);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		if (hex_digit(text[i]) < 0)
			return refuse(reader, field.text, "this is not %d hexadecimal digits",
				2 * SHA256_SIZE);
	hex_decode(text, ret, SHA256_SIZE);
	return 0;
}

static int read_digest(struct reader *reader, uint8_t ret[BS_DIGEST_SIZE])
{
	struct field field, value;
	int r = take(reader, "the digest", &field);

	if (r < 0)
		return r;
	return after_prefix(field, "sha256", &value)
		       ? read_hash(reader, value, ret)
		       : refuse(reader, field.text, "this is no digest (sha256:…)");
}

/* One "KIND:SIGNATURE"; *slot is that of the one before. */
static int read_signature(
	struct reader *reader, struct field field, struct manifest_entry *entry, int *slot)
{
	for (int i = 0; i < SIGNERS; i++) {
		struct field value;
		if (!after_prefix(field, signers[i]->name, &value))
			continue;
		if (i <= *slot)
			return refuse(reader, field.text, "this kind comes twice, or too late");
		*slot = i;
		int r = base64_decode(value.text, value.size, &entry->signatures.by_route[i]);
		return r == 0 ? 0 : refuse(reader, value.text, "this is no base64");
	}
	return refuse(reader, field.text, "this is no kind of signature");
}

/* The claim must agree with its line; else one of them was changed. */
static int check_claim(struct reader *reader, const struct manifest_entry *entry)
{
	const struct bytes *signature = &entry->signatures.by_route[signer_find("claim")];
	const struct claim *line = &entry->claim;
	const uint8_t *cms;
	size_t size;
	struct claim claim;
	struct diag diag;

	if (!signature->data)
		return 0;
	if (claim_parse(signature->data, signature->size, &claim, &cms, &size, &diag) < 0)
		return refuse(reader, reader->begin, "%s", diag.message);
	if (claim.role != line->role || strcmp(claim.name, line->name) != 0 ||
		claim.sequence != line->sequence ||
		memcmp(claim.digest, line->digest, sizeof(claim.digest)) != 0)
		return refuse(reader, reader->begin, "the claim says something else than the line");
	return 0;
}

/* --- lines ---------------------------------------------------------------------------------- */

static int read_rest(struct reader *reader, struct manifest_entry *entry)
{
	struct field field, value;
	int slot = -1, r = 0;

	while (r == 0 && reader->next != reader->end) {
		r = take(reader, "a signature", &field);
		if (r == 0 && slot < 0 && !entry->has_content &&
			after_prefix(field, "content", &value)) {
			entry->has_content = true;
			r = read_hash(reader, value, entry->digests.content);
		} else if (r == 0) {
			r = read_signature(reader, field, entry, &slot);
		}
	}
	return r;
}

static int read_entry(struct reader *reader, struct manifest_entry *entry)
{
	struct claim *claim = &entry->claim;
	struct field sequence;

	entry->line = reader->line;
	entry->text = reader->begin;
	entry->text_size = (size_t)(reader->end - reader->begin) + 1;
	claim->digest_algorithm = BS_DIGEST_SHA256;
	claim->digest_size = BS_DIGEST_SIZE;
	int r = read_path(reader, entry);
	if (r == 0)
		r = read_role(reader, &claim->role);
	if (r == 0)
		r = read_name(reader, claim->name);
	if (r == 0)
		r = take(reader, "the sequence", &sequence);
	if (r == 0)
		r = read_number(reader, sequence, &claim->sequence);
	if (r == 0)
		r = read_digest(reader, entry->digests.verity);
	memcpy(claim->digest, entry->digests.verity, BS_DIGEST_SIZE);
	if (r == 0)
		r = read_rest(reader, entry);
	return r == 0 ? check_claim(reader, entry) : r;
}

static int add_entry(struct reader *reader, struct manifest *manifest)
{
	size_t n = manifest->n;

	if ((n & (n - 1)) == 0) {
		struct manifest_entry *grown =
			reallocarray(manifest->entries, n ? 2 * n : 1, sizeof(*grown));
		if (!grown)
			return diag_set(reader->reterr, -ENOMEM, "out of memory");
		manifest->entries = grown;
	}
	manifest->entries[manifest->n++] = (struct manifest_entry){0};
	return read_entry(reader, &manifest->entries[n]);
}

static int read_end(struct reader *reader, struct manifest *manifest)
{
	struct field count, signature;
	uint64_t n = 0;

	int r = take(reader, "the number of files", &count);
	if (r == 0)
		r = read_number(reader, count, &n);
	if (r == 0 && n != manifest->n)
		r = refuse(reader, count.text, "there are %zu files, not %.*s", manifest->n,
			(int)count.size, count.text);
	if (r < 0 || reader->next == reader->end)
		return r;
	r = take(reader, "the signature", &signature);
	if (r == 0 && base64_decode(signature.text, signature.size, &manifest->trailer) < 0)
		r = refuse(reader, signature.text, "this is no base64");
	if (r == 0 && reader->next != reader->end)
		r = refuse(reader, reader->next, "more follows");
	return r;
}

/* The next line into reader; false at the end of the text. */
static bool next_line(struct reader *reader, const char **text, const char *end)
{
	const char *newline = memchr(*text, '\n', (size_t)(end - *text));

	if (!newline)
		return false;
	reader->begin = reader->next = *text;
	reader->end = newline;
	reader->line++;
	*text = newline + 1;
	return true;
}

static int read_lines(struct reader *reader, const char *text, const char *end,
	struct manifest *manifest, struct diag *reterr)
{
	const char *begin = text;
	struct field first;
	int r = 0;

	if (!next_line(reader, &text, end) ||
		!is_word((struct field){reader->begin, (size_t)(reader->end - reader->begin)},
			"bpfsign manifest v1")) {
		diag_set(reterr, -EBADMSG, "'%s' is no manifest: it does not begin with '%s'",
			reader->file, "bpfsign manifest v1");
		return -EBADMSG;
	}
	while (r == 0 && next_line(reader, &text, end)) {
		r = take(reader, "'file' or 'end'", &first);
		if (r == 0 && is_word(first, "file")) {
			r = add_entry(reader, manifest);
			continue;
		}
		if (r == 0 && !is_word(first, "end"))
			r = refuse(reader, first.text, "neither 'file' nor 'end'");
		if (r == 0)
			r = read_end(reader, manifest);
		if (r == 0 && text != end)
			r = refuse(reader, reader->end, "more follows after the last line");
		if (r == 0 && openssl_sha256(begin, (size_t)(reader->begin - begin),
				      manifest->trailed) < 0)
			r = diag_set(reterr, -EIO, "can't compute a SHA-256");
		manifest->trailer_offset = (size_t)(reader->begin - begin);
		return r;
	}
	return r < 0 ? r
		     : diag_set(reterr, -EBADMSG, "'%s' is cut short: its last line is missing",
			       reader->file);
}

int manifest_parse(
	const char *file, const void *data, size_t size, struct manifest *ret, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	struct reader reader = {.file = file, .reterr = reterr};
	const char *text = size ? data : "";

	int r = read_lines(&reader, text, text + size, &manifest, reterr);
	if (r == 0)
		r = manifest_sort(&manifest, file, reterr);
	if (r < 0)
		return r;
	*ret = manifest;
	manifest = (struct manifest){0};
	return 0;
}
