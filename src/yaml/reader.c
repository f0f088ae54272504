/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The strict subset of YAML. Owns libyaml and its errors; knows no key of a policy.
 * Events instead of libyaml's document tree: what is not allowed is refused before what
 * follows it is read, so that a bomb of brackets or aliases is never built up.
 */

#include "src/yaml/yaml.h"

#include <stdarg.h>
#include <string.h>

#include "src/base/base.h"

__attribute__((format(printf, 4, 0))) static int refuse(struct reader *reader,
	struct position position, const char *hint, const char *format, va_list arguments)
{
	char message[sizeof(reader->reterr->message)];

	vsnprintf(message, sizeof(message), format, arguments);
	diag_set(reader->reterr, -EINVAL, "%s", message);
	diag_at(reader->reterr, reader->path, position.line, position.column);
	if (hint)
		diag_hint(reader->reterr, "%s", hint);
	return -EINVAL;
}

int reader_refuse(struct reader *reader, const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int r = refuse(reader, reader->position, hint, format, arguments);
	va_end(arguments);
	return r;
}

int reader_refuse_at(
	struct reader *reader, struct position position, const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int r = refuse(reader, position, hint, format, arguments);
	va_end(arguments);
	return r;
}

static struct position position_of(yaml_mark_t mark)
{
	return (struct position){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* libyaml gives no line and column for bytes that it cannot decode, but their offset. */
static struct position position_of_byte(const struct reader *reader, size_t offset)
{
	struct position position = {1, 1};

	for (size_t i = 0; i < offset && i < reader->size; i++) {
		if (reader->bytes[i] == '\n')
			position = (struct position){position.line + 1, 1};
		else if ((reader->bytes[i] & 0xc0) != 0x80) /* columns count characters */
			position.column++;
	}
	return position;
}

/* The most common mistake, for which libyaml has no word. */
static bool is_tab(const struct reader *reader, yaml_mark_t mark)
{
	const uint8_t *line = reader->bytes, *end = line + reader->size;

	for (size_t i = 0; i < mark.line && line; i++) {
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	return line && mark.column < (size_t)(end - line) && line[mark.column] == '\t';
}

/* What libyaml has to say, in our shape. */
static int yaml_problem(struct reader *reader)
{
	const yaml_parser_t *yaml = &reader->yaml;

	/* Where libyaml 0.2.5 has no memory for a tag it fails without a word. */
	if (yaml->error == YAML_MEMORY_ERROR || !yaml->problem)
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	if (yaml->error == YAML_READER_ERROR)
		return reader_refuse_at(reader, position_of_byte(reader, yaml->problem_offset),
			"save it as UTF-8, without control characters", "not plain UTF-8 text: %s",
			yaml->problem);

	reader_refuse_at(
		reader, position_of(yaml->problem_mark), NULL, "not valid YAML: %s", yaml->problem);
	if (is_tab(reader, yaml->problem_mark))
		diag_hint(reader->reterr, "indent with spaces, not with tabs");
	else if (yaml->context && strstr(yaml->context, "alias"))
		diag_hint(reader->reterr, "put a text that begins with '*' in quotes");
	else if (yaml->context)
		diag_hint(reader->reterr, "%s that begins in line %zu", yaml->context,
			yaml->context_mark.line + 1);
	else
		diag_hint(reader->reterr, "bpfsign-policy(5) shows how a policy is written");
	return -EINVAL;
}

static int check_decoration(
	struct reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return reader_refuse(reader,
			"remove it, and write the value out wherever it is needed",
			"anchor '&%.64s' is not allowed", (const char *)anchor);
	if (tag)
		return reader_refuse(reader, "remove it: every key has one type here",
			"tag '%.64s' is not allowed", (const char *)tag);
	return 0;
}

static int check_scalar(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;
	size_t length = event->data.scalar.length;

	reader->text = (const char *)event->data.scalar.value;
	reader->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (strlen(reader->text) != length)
		return reader_refuse(
			reader, "remove it", "'%.64s' has a NUL character in it", reader->text);
	if (length > READER_TEXT_LIMIT) {
		reader_refuse(reader, NULL, "'%.48s…' is too long, it has %zu bytes", reader->text,
			length);
		diag_hint(reader->reterr, "no name or path may have more than %d bytes",
			READER_TEXT_LIMIT);
		return -EINVAL;
	}
	return check_decoration(reader, event->data.scalar.anchor, event->data.scalar.tag);
}

static int check_document(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	if (event->data.document_start.version_directive ||
		event->data.document_start.tag_directives.start !=
			event->data.document_start.tag_directives.end)
		return reader_refuse(reader, "remove the lines that begin with '%'",
			"directives like '%%YAML' and '%%TAG' are not allowed");
	return 0;
}

static int check_event(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return check_document(reader);
	case YAML_SCALAR_EVENT:
		return check_scalar(reader);
	case YAML_SEQUENCE_START_EVENT:
		return check_decoration(
			reader, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return check_decoration(
			reader, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_ALIAS_EVENT:
		return reader_refuse(reader, "write the value out", "alias '*%.64s' is not allowed",
			(const char *)event->data.alias.anchor);
	default:
		return 0;
	}
}

int reader_next(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	reader->text = NULL;
	if (!yaml_parser_parse(&reader->yaml, &reader->event))
		return yaml_problem(reader);

	reader->type = reader->event.type;
	reader->position = position_of(reader->event.start_mark);
	return check_event(reader);
}

int reader_open(
	struct reader *reader, const char *path, const void *text, size_t size, struct diag *reterr)
{
	*reader = (struct reader){.path = path, .bytes = text, .size = size, .reterr = reterr};
	if (!yaml_parser_initialize(&reader->yaml))
		return diag_set(reterr, -ENOMEM, "out of memory");
	/* Not to be guessed from the first bytes: UTF-16 is refused like other non-UTF-8. */
	yaml_parser_set_encoding(&reader->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader->yaml, text ?: "", size);

	do { /* the start of the stream, then of the document */
		int r = reader_next(reader);
		if (r < 0)
			return r;
	} while (reader->type == YAML_STREAM_START_EVENT ||
		 reader->type == YAML_DOCUMENT_START_EVENT);

	if (reader->type != YAML_STREAM_END_EVENT && !reader_is_null(reader))
		return 0;
	return reader_refuse(
		reader, "begin with 'version: 1' and 'programs:'", "the policy is empty");
}

int reader_close(struct reader *reader)
{
	int r = reader_next(reader); /* the end of the document */
	if (r < 0)
		return r;
	r = reader_next(reader);
	if (r < 0)
		return r;
	if (reader->type == YAML_STREAM_END_EVENT)
		return 0;
	return reader_refuse(reader, "one file holds one policy: remove this and what follows",
		"a second document begins with '---'");
}

void reader_done(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	yaml_parser_delete(&reader->yaml);
}

bool reader_is_null(const struct reader *reader)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (reader->type != YAML_SCALAR_EVENT || !reader->plain)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(reader->text, words[i]) == 0)
			return true;
	return false;
}

const char *reader_kind(const struct reader *reader)
{
	switch (reader->type) {
	case YAML_SEQUENCE_START_EVENT:
		return "a list";
	case YAML_MAPPING_START_EVENT:
		return "a mapping";
	default:
		return "text";
	}
}
