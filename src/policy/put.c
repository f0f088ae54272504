/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts, words and numbers as YAML. ASCII only, so that a reviewer sees each character. */

#include "src/policy/put.h"

#include <ctype.h>
#include <string.h>

#include "src/base/base.h"

/* No YAML reader, of any version, takes it for anything but a text. */
static bool is_plain(const char *text)
{
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(text, words[i]) == 0)
			return false;
	if (text[0] != '/' && !islower((unsigned char)text[0]))
		return false;
	for (; *text; text++)
		if (!isascii(*text) || (!isalnum((unsigned char)*text) && !strchr("/._-", *text)))
			return false;
	return true;
}

/* The character at *text, which is UTF-8; moves *text past it. */
static uint32_t next_character(const char **text)
{
	unsigned char lead = (unsigned char)*(*text)++;
	uint32_t character = lead < 0x80   ? lead
			     : lead < 0xe0 ? lead & 0x1f
			     : lead < 0xf0 ? lead & 0x0f
					   : lead & 0x07;

	while ((**text & 0xc0) == 0x80)
		character = character << 6 | (uint32_t)(*(*text)++ & 0x3f);
	return character;
}

void put_text(FILE *out, const char *text)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	while (*text) {
		uint32_t character = next_character(&text);
		if (character == '"' || character == '\\')
			fprintf(out, "\\%c", (int)character);
		else if (character >= 0x20 && character < 0x7f)
			fputc((int)character, out);
		else
			fprintf(out, character < 0x100 ? "\\x%02x" : "\\U%08x", character);
	}
	fputc('"', out);
}

void put_choice(FILE *out, const char *indent, const char *key, const struct policy_value *value,
	const char *const *words)
{
	if (value->key.line)
		fprintf(out, "%s%s: %s\n", indent, key, words[value->number]);
}

void put_number(FILE *out, const char *indent, const char *key, const struct policy_value *value)
{
	if (value->key.line)
		fprintf(out, "%s%s: %llu\n", indent, key, (unsigned long long)value->number);
}
