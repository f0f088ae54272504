/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * struct policy to YAML in one canonical form: what policy_parse() reads back to the same
 * struct. In ASCII, so that what an administrator reviews is what is there.
 */

#include "policy.h"

#include <ctype.h>
#include <string.h>

#include "names.h"

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

static void put_text(FILE *out, const char *text)
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

static void put_load(FILE *out, const char *indent, const struct policy_load *load)
{
	const char *separator = "";

	if (!load->present)
		return;
	fprintf(out, "%sload:\n%s  types: [", indent, indent);
	for (unsigned type = 0; type < 64; type++) {
		if (!(load->types & 1ULL << type))
			continue;
		fprintf(out, "%s%s", separator, prog_type_name(type));
		separator = ", ";
	}
	fputs("]\n", out);
}

static void put_program(FILE *out, const struct policy_program *program)
{
	fputs("  ", out);
	put_text(out, program->name);
	fputs(":\n    signer: ", out);
	put_text(out, program->signer);
	for (size_t i = 0; i < program->n_exec; i++) {
		fputs(i ? ", " : "\n    exec: [", out);
		put_text(out, program->exec[i]);
	}
	fputs(program->n_exec ? "]\n" : "\n", out);
	if (program->latest)
		fputs("    min-sequence: latest\n", out);
	else if (program->min_sequence)
		fprintf(out, "    min-sequence: %llu\n", (unsigned long long)program->min_sequence);
	put_load(out, "    ", &program->load);
}

static void put_policy(FILE *out, const struct policy *policy)
{
	fprintf(out, "version: %u\n", policy->version);
	if (policy->n_programs)
		fputs("programs:\n", out);
	for (size_t i = 0; i < policy->n_programs; i++)
		put_program(out, &policy->programs[i]);
	if (policy->unsigned_.load.present) {
		fputs("unsigned:\n", out);
		put_load(out, "  ", &policy->unsigned_.load);
	}
}

char *policy_show(const struct policy *policy)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	put_policy(out, policy);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return NULL;
	return TAKE_PTR(text);
}
