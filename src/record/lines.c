/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints decisions. Knows the words and the order of the fields, nothing of the kernel. */

#include "src/record/lines.h"

#include <inttypes.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/record/fields.h"

#define QUEUE_SIZE      256
#define MERGE_WINDOW_NS 1000000000ULL

struct pending {
	struct bs_record record;
	unsigned count;
};

struct lines {
	FILE *out;
	enum lines_output output;
	lines_send_fn send;  /* NULL: to out */
	uint64_t lost;       /* already told */
	uint32_t suppressed; /* the same */
	size_t head, n;
	struct pending queue[QUEUE_SIZE];
};

/* " key: value", quoted where a reader could be misled. */
static void put(FILE *out, const char *key, const char *value)
{
	bool plain = *value;

	for (const char *c = value; *c; c++)
		plain &= *c > ' ' && *c < 0x7f && *c != ':' && *c != '"' && *c != '\\';
	_cleanup_free_ char *quoted = plain ? NULL : quote_text(value, strlen(value));
	fprintf(out, "%s%s: %s", ftello(out) ? " " : "", key, quoted ? quoted : value);
}

static void put_value(FILE *out, const char *key, const struct record_value *value)
{
	if (value->kind == RECORD_NUMBER)
		fprintf(out, " %s: %" PRIu64, key, value->number);
	else if (value->is_verbatim)
		fprintf(out, " %s: %s", key, value->word);
	else
		put(out, key, value->word);
}

char *lines_text(const struct bs_record *record, unsigned repeats)
{
	struct record_value value;
	char *text = NULL;
	size_t size, n;
	const struct record_field *fields = record_fields(&n);
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (record_value(&fields[i], record, repeats, RECORD_TEXT, &value))
			put_value(out, fields[i].key, &value);
	if (repeats > 1)
		fprintf(out, " ×%u", repeats);
	fclose(out);
	return text;
}

static void json_value(struct json *json, const char *key, const struct record_value *value)
{
	switch (value->kind) {
	case RECORD_WORD:
		json_string(json, key, value->word);
		break;
	case RECORD_NUMBER:
		json_unsigned(json, key, value->number);
		break;
	case RECORD_BOOLEAN:
		json_bool(json, key, value->number);
		break;
	default:
		json_null(json, key);
	}
}

char *lines_json(const struct bs_record *record, unsigned repeats)
{
	struct record_value value;
	char *text = NULL;
	size_t size, n;
	const struct record_field *fields = record_fields(&n);
	FILE *out = open_memstream(&text, &size);
	struct json json;

	if (!out)
		return NULL;
	json_start(&json, out);
	json_object_begin(&json, NULL);
	for (size_t i = 0; i < n; i++)
		if (record_value(&fields[i], record, repeats, RECORD_JSON, &value))
			json_value(&json, fields[i].json_key, &value);
	json_object_end(&json);
	json_finish(&json);
	fclose(out);
	if (text && size && text[size - 1] == '\n')
		text[size - 1] = 0;
	return text;
}

struct lines *lines_new(FILE *out, enum lines_output output)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (lines) {
		lines->out = out;
		lines->output = output;
	}
	return lines;
}

void lines_send_by(struct lines *lines, lines_send_fn send)
{
	lines->send = send;
}

void lines_free(struct lines **lines)
{
	if (!*lines)
		return;
	lines_flush(*lines, UINT64_MAX);
	free(*lines);
	*lines = NULL;
}

/* Would both print the same line? Times, thread ids and cgroup paths aside. */
static bool is_repeat(const struct bs_record *a, const struct bs_record *b)
{
	return a->action == BS_ACTION_DENIED && b->action == a->action && a->op == b->op &&
	       a->reason == b->reason && a->tgid == b->tgid && a->type == b->type &&
	       a->flags == b->flags && a->id == b->id && a->line == b->line &&
	       a->detail == b->detail && !strcmp(a->object, b->object) &&
	       !strcmp(a->path, b->path) && !strcmp(a->program, b->program) &&
	       b->time_ns - a->time_ns < MERGE_WINDOW_NS;
}

static int print_first(struct lines *lines)
{
	struct pending *first = &lines->queue[lines->head];
	_cleanup_free_ char *line = lines->output == LINES_JSON
					    ? lines_json(&first->record, first->count)
					    : lines_text(&first->record, first->count);

	lines->head = (lines->head + 1) % QUEUE_SIZE;
	lines->n--;
	if (line && lines->send)
		return lines->send(&first->record, first->count, line);
	if (!line || fprintf(lines->out, "%s\n", line) < 0)
		return -EIO;
	return 0;
}

/* Each loader's handful of probes would drown what people look for; JSON has them. */
static bool is_hidden(const struct lines *lines, const struct bs_record *record)
{
	return lines->output == LINES_TEXT && record->reason == BS_REASON_TRIVIAL;
}

void lines_add(struct lines *lines, const struct bs_record *record)
{
	if (is_hidden(lines, record))
		return;
	for (size_t i = 0; i < lines->n; i++) {
		struct pending *pending = &lines->queue[(lines->head + i) % QUEUE_SIZE];
		if (is_repeat(&pending->record, record)) {
			pending->count++;
			return;
		}
	}
	if (lines->n == QUEUE_SIZE)
		print_first(lines);
	struct pending *last = &lines->queue[(lines->head + lines->n) % QUEUE_SIZE];
	*last = (struct pending){*record, 1};
	lines->n++;
}

int lines_flush(struct lines *lines, uint64_t now_ns)
{
	int r = 0;

	while (lines->n && r == 0) {
		const struct bs_record *first = &lines->queue[lines->head].record;
		if (first->action == BS_ACTION_DENIED && now_ns < first->time_ns + MERGE_WINDOW_NS)
			break;
		r = print_first(lines);
	}
	return fflush(lines->out) < 0 ? -EIO : r;
}

int lines_lost(struct lines *lines, uint64_t lost_records, uint64_t lost_alarms)
{
	uint64_t lost = lost_records + lost_alarms, news = lost - lines->lost;

	if (!news)
		return 0;
	lines->lost = lost;
	if (lines->output == LINES_JSON)
		fprintf(lines->out, "{\"lost\":%" PRIu64 ",\"lost_alarms\":%" PRIu64 "}\n", news,
			lost_alarms);
	else
		fprintf(lines->out,
			"lost: %" PRIu64 " records found the ring full (%" PRIu64
			" of attacks on the enforcement)\n",
			news, lost_alarms);
	return fflush(lines->out) < 0 ? -EIO : 0;
}

int lines_missed(struct lines *lines, uint64_t missed)
{
	if (lines->output == LINES_JSON)
		fprintf(lines->out, "{\"missed\":%" PRIu64 "}\n", missed);
	else
		fprintf(lines->out,
			"missed: %" PRIu64 " records came faster than they were taken\n", missed);
	return fflush(lines->out) < 0 ? -EIO : 0;
}

int lines_suppressed(struct lines *lines, uint32_t suppressed)
{
	uint32_t news = suppressed - lines->suppressed;

	if (!news)
		return 0;
	lines->suppressed = suppressed;
	fprintf(lines->out,
		lines->output == LINES_JSON ? "{\"suppressed\":%" PRIu32 "}\n"
					    : "suppressed: %" PRIu32
					      " records of processes that had too many\n",
		news);
	return fflush(lines->out) < 0 ? -EIO : 0;
}
