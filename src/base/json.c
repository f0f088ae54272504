/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes JSON. Knows nothing of what is written. */

#include "src/base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "src/base/text.h"

void json_start(struct json *json, FILE *out)
{
	*json = (struct json){.out = out};
}

int json_finish(struct json *json)
{
	fputc('\n', json->out);
	return fflush(json->out) != 0 || ferror(json->out) ? -EIO : 0;
}

/* \uXXXX of one character, as a surrogate pair where it is above U+FFFF (RFC 8259, section 7). */
static void write_escape(FILE *out, unsigned character)
{
	if (character > 0xffff) {
		fprintf(out, "\\u%04x", 0xd800 + ((character - 0x10000) >> 10));
		character = 0xdc00 + (character & 0x3ff);
	}
	fprintf(out, "\\u%04x", character);
}

static void write_string(FILE *out, const char *value, size_t size)
{
	const uint8_t *next = (const uint8_t *)value, *end = next + size;

	fputc('"', out);
	while (next < end) {
		size_t n = 1;
		int32_t character = text_decode(next, (size_t)(end - next), &n);
		if (character == '"' || character == '\\')
			fprintf(out, "\\%c", (char)character);
		else if (character == '\n')
			fputs("\\n", out);
		else if (character == '\t')
			fputs("\\t", out);
		else if (text_is_plain(character))
			fwrite(next, 1, n, out);
		else
			write_escape(out, character < 0 ? *next : (unsigned)character);
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
