/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"

#include <stdarg.h>
#include <string.h>

char *hex_encode(const void *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * size] = 0;
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -EINVAL;
}

int hex_decode(const char *text, void *data, size_t size)
{
	uint8_t *bytes = data;

	if (strlen(text) != 2 * size)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int32_t text_decode(const uint8_t *text, size_t size, size_t *ret_size)
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

bool text_is_plain(int32_t character)
{
	static const struct {
		int32_t first, last;
	} refused[] = {
		{INT32_MIN, 0x1f},  /* no character, C0 */
		{0x7f, 0x9f},       /* DEL, C1 */
		{0xad, 0xad},       /* soft hyphen */
		{0x61c, 0x61c},     /* Arabic letter mark */
		{0x180e, 0x180e},   /* Mongolian vowel separator */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* line separators, embeddings, overrides */
		{0x2060, 0x206f},   /* word joiner, isolates, deprecated formats */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff9, 0xfffb},   /* interlinear annotation */
		{0xe0000, 0xe007f}, /* tags */
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (character >= refused[i].first && character <= refused[i].last)
			return false;
	return true;
}

char *escape_text(const char *text, size_t size)
{
	const uint8_t *next = (const uint8_t *)text, *end = next + size;
	char *escaped = malloc(4 * size + 1), *out = escaped;

	if (!escaped)
		return NULL;
	while (next < end) {
		size_t n = 1;
		int32_t character = text_decode(next, (size_t)(end - next), &n);
		if (character == '"' || character == '\\')
			out += sprintf(out, "\\%c", (char)character);
		else if (character == '\n' || character == '\t')
			out += sprintf(out, "\\%c", character == '\n' ? 'n' : 't');
		else if (text_is_plain(character))
			out = mempcpy(out, next, n);
		else
			for (size_t i = 0; i < n; i++)
				out += sprintf(out, "\\x%02x", next[i]);
		next += n;
	}
	*out = 0;
	return escaped;
}

char *quote_text(const char *text, size_t size)
{
	_cleanup_free_ char *escaped = escape_text(text, size);
	return escaped ? format_text("\"%s\"", escaped) : NULL;
}

bool name_is_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");
	return n > 0 && n < 64 && name[n] == 0;
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[64];

	if (n >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[n];
}

const char *nearest_word(const char *text, const char *const *words, size_t n)
{
	const char *nearest = NULL;
	size_t best = strlen(text) / 3 + 2; /* farther than this is no typing error */

	for (size_t i = 0; i < n; i++) {
		size_t distance = words[i] ? edit_distance(text, words[i]) : SIZE_MAX;
		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}

char *format_text(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	int n = vasprintf(&text, format, arguments);
	va_end(arguments);
	return n < 0 ? NULL : text;
}
