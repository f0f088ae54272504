/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes JSON. Knows nothing of what is written. */

#include "src/base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void json_start(struct json *json, FILE *out)
{
	*json = (struct json){.out = out};
}

int json_finish(struct json *json)
{
	fputc('\n', json->out);
	return fflush(json->out) != 0 || ferror(json->out) ? -EIO : 0;
}

/*
 * The character at text and its size in *ret_size, or -1 for a byte that begins no valid UTF-8
 * (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 */
static int32_t decode_utf8(const uint8_t *text, size_t size, size_t *ret_size)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = text[0] < 0x80   ? 1
		   : text[0] < 0xc0 ? 0
		   : text[0] < 0xe0 ? 2
		   : text[0] < 0xf0 ? 3
		   : text[0] < 0xf8 ? 4
				    : 0;
	if (n == 0 || n > size)
		return -1;

	int32_t character = n == 1 ? text[0] : text[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return -1;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < least[n] || character > 0x10ffff ||
		(character >= 0xd800 && character < 0xe000))
		return -1;
	*ret_size = n;
	return character;
}

/* What may drive a terminal or change how a line reads; all of it is below U+10000. */
static bool is_plain(int32_t character)
{
	return character >= 0x20 && (character < 0x7f || character > 0x9f) &&
	       (character < 0x2028 || character > 0x202e) &&
	       (character < 0x2066 || character > 0x2069);
}

static void write_string(FILE *out, const char *value, size_t size)
{
	const uint8_t *next = (const uint8_t *)value, *end = next + size;

	fputc('"', out);
	while (next < end) {
		size_t n = 1;
		int32_t character = decode_utf8(next, (size_t)(end - next), &n);
		if (character == '"' || character == '\\')
			fprintf(out, "\\%c", (char)character);
		else if (character == '\n')
			fputs("\\n", out);
		else if (character == '\t')
			fputs("\\t", out);
		else if (character >= 0 && is_plain(character))
			fwrite(next, 1, n, out);
		else
			fprintf(out, "\\u%04x", (unsigned)(character < 0 ? *next : character));
		next += n;
	}
	fputc('"', out);
}

/* The comma before a value and its key. */
static void begin_value(struct json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->out);
	json->comma = true;
	if (key) {
		write_string(json->out, key, strlen(key));
		fputc(':', json->out);
	}
}

static void open_bracket(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->comma = false;
}

static void close_bracket(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->comma = true;
}

void json_object_begin(struct json *json, const char *key)
{
	open_bracket(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_bracket(json, '}');
}

void json_array_begin(struct json *json, const char *key)
{
	open_bracket(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_bracket(json, ']');
}

void json_text(struct json *json, const char *key, const char *value, size_t size)
{
	begin_value(json, key);
	write_string(json->out, value, size);
}

void json_string(struct json *json, const char *key, const char *value)
{
	if (value)
		json_text(json, key, value, strlen(value));
	else
		json_null(json, key);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_integer(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", json->out);
}
