/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints decisions. Knows the words and the order of the fields, nothing of the kernel. */

#include "src/record/lines.h"

#include <inttypes.h>
#include <string.h>

#include "src/base/json.h"
#include "src/names/names.h"
#include "src/base/text.h"
#include "src/record/fields.h"

#define QUEUE_SIZE      256
#define MERGE_WINDOW_NS 1000000000ULL

struct pending {
	struct bs_record record;
	unsigned count;
};

struct journal {
	FILE *out;
	enum journal_output output;
	journal_send_fn send; /* NULL: to out */
	uint64_t lost;        /* already told */
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

static void put_number(FILE *out, const char *key, uint64_t value)
{
	fprintf(out, " %s: %" PRIu64, key, value);
}

static void put_object(FILE *out, const struct bs_record *record)
{
	if (record->flags & BS_RECORD_FILE)
		put(out, "file", record->object[0] ? record->object : "(memory)");
	else if (record->object[0] && !words_is_variable(record))
		put(out, "name", words_object(record));
}

static void put_what(FILE *out, const struct bs_record *record)
{
	char type[32];

	put(out, "op", op_name(record->op));
	if (words_has_type(record)) {
		words_type(record, type, sizeof(type));
		put(out, "type", type);
	}
	put_object(out, record);
	put(out, "action", words_action(record));
}

static void put_why(FILE *out, const struct bs_record *record)
{
	struct detail detail;

	put(out, "reason", reason_name(record->reason));
	if (words_detail(record, &detail))
		put(out, detail.key, detail.text);
	if (words_is_variable(record))
		put(out, "variable", record->object);
}

char *journal_text(const struct bs_record *record, unsigned repeats)
{
	char *text = NULL, pod[256], hash[WORDS_HASH_SIZE];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	words_pod(record, pod, sizeof(pod));
	put(out, "process", words_process(record));
	put_number(out, "pid", record->tgid);
	put(out, "pod", pod);
	put_what(out, record);
	put(out, "signer", record->signer[0] ? record->signer : "-");
	put_why(out, record);
	if (record->owner[0])
		put(out, "owner", record->owner);
	if (record->flags & BS_RECORD_OBSERVED)
		put(out, "mode", "observe");
	if (record->line)
		put_number(out, "rule", record->line);
	if (*words_hash(&record->measured, hash))
		fprintf(out, " measured: %s", hash); /* a colon, but nothing odd */
	if (repeats > 1)
		fprintf(out, " ×%u", repeats);
	fclose(out);
	return text;
}

static void json_task(struct json *json, const struct bs_record *record)
{
	char pod[256];

	words_pod(record, pod, sizeof(pod));
	json_string(json, "process", words_process(record));
	json_unsigned(json, "pid", record->tgid);
	json_string(json, "pod", pod);
	if (record->pod.space[0])
		json_text(json, "namespace", record->pod.space,
			strnlen(record->pod.space, BS_NAME_SIZE));
}

static void json_object(struct json *json, const struct bs_record *record)
{
	if (record->flags & BS_RECORD_FILE)
		json_string(json, "file", record->object[0] ? record->object : NULL);
	else if (record->object[0] && !words_is_variable(record))
		json_string(json, "name", words_object(record));
}

static void json_what(struct json *json, const struct bs_record *record)
{
	char type[32];

	json_string(json, "op", op_name(record->op));
	if (words_has_type(record)) {
		words_type(record, type, sizeof(type));
		json_string(json, "type", type);
	}
	json_object(json, record);
	json_string(json, "action", words_action(record));
}

static void json_why(struct json *json, const struct bs_record *record)
{
	struct detail detail;

	json_string(json, "reason", reason_name(record->reason));
	if (words_is_variable(record))
		json_string(json, "variable", record->object);
	if (!words_detail(record, &detail))
		return;
	if (detail.is_number)
		json_unsigned(json, detail.key, detail.value);
	else
		json_string(json, detail.key, detail.text);
}

static void json_details(struct json *json, const struct bs_record *record)
{
	json_unsigned(json, "time_ns", record->time_ns);
	json_unsigned(json, "tid", record->pid);
	json_unsigned(json, "ppid", record->ppid);
	json_unsigned(json, "uid", record->uid);
	json_string(json, "comm", record->comm);
	json_string(json, "executable", record->path);
	json_unsigned(json, "cgroup", record->cgroup);
	if (record->flags & BS_RECORD_MARKED)
		json_string(json, "program", record->program);
	if (record->id)
		json_unsigned(json, "id", record->id);
	json_bool(json, "alarm", record->flags & BS_RECORD_ALARM);
}

char *journal_json(const struct bs_record *record, unsigned repeats)
{
	char *text = NULL, hash[WORDS_HASH_SIZE];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct json json;

	if (!out)
		return NULL;
	json_start(&json, out);
	json_object_begin(&json, NULL);
	json_task(&json, record);
	json_what(&json, record);
	json_string(&json, "signer", record->signer[0] ? record->signer : NULL);
	json_why(&json, record);
	if (record->owner[0])
		json_string(&json, "owner", record->owner);
	json_string(&json, "mode", record->flags & BS_RECORD_OBSERVED ? "observe" : "enforce");
	if (record->line)
		json_unsigned(&json, "line", record->line);
	json_unsigned(&json, "count", repeats);
	json_details(&json, record);
	if (*words_hash(&record->measured, hash))
		json_string(&json, "measured", hash);
	json_object_end(&json);
	json_finish(&json);
	fclose(out);
	if (text && size && text[size - 1] == '\n')
		text[size - 1] = 0;
	return text;
}

struct journal *journal_new(FILE *out, enum journal_output output)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal) {
		journal->out = out;
		journal->output = output;
	}
	return journal;
}

void journal_send_by(struct journal *journal, journal_send_fn send)
{
	journal->send = send;
}

void journal_free(struct journal **journal)
{
	if (!*journal)
		return;
	journal_flush(*journal, UINT64_MAX);
	free(*journal);
	*journal = NULL;
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

static int print_first(struct journal *journal)
{
	struct pending *first = &journal->queue[journal->head];
	_cleanup_free_ char *line = journal->output == JOURNAL_JSON
					    ? journal_json(&first->record, first->count)
					    : journal_text(&first->record, first->count);

	journal->head = (journal->head + 1) % QUEUE_SIZE;
	journal->n--;
	if (line && journal->send)
		return journal->send(&first->record, first->count, line);
	if (!line || fprintf(journal->out, "%s\n", line) < 0)
		return -EIO;
	return 0;
}

/* Each loader's handful of probes would drown what people look for; JSON has them. */
static bool is_hidden(const struct journal *journal, const struct bs_record *record)
{
	return journal->output == JOURNAL_TEXT && record->reason == BS_REASON_TRIVIAL;
}

void journal_add(struct journal *journal, const struct bs_record *record)
{
	if (is_hidden(journal, record))
		return;
	for (size_t i = 0; i < journal->n; i++) {
		struct pending *pending = &journal->queue[(journal->head + i) % QUEUE_SIZE];
		if (is_repeat(&pending->record, record)) {
			pending->count++;
			return;
		}
	}
	if (journal->n == QUEUE_SIZE)
		print_first(journal);
	struct pending *last = &journal->queue[(journal->head + journal->n) % QUEUE_SIZE];
	*last = (struct pending){*record, 1};
	journal->n++;
}

int journal_flush(struct journal *journal, uint64_t now_ns)
{
	int r = 0;

	while (journal->n && r == 0) {
		const struct bs_record *first = &journal->queue[journal->head].record;
		if (first->action == BS_ACTION_DENIED && now_ns < first->time_ns + MERGE_WINDOW_NS)
			break;
		r = print_first(journal);
	}
	return fflush(journal->out) < 0 ? -EIO : r;
}

int journal_lost(struct journal *journal, uint64_t lost_records, uint64_t lost_alarms)
{
	uint64_t lost = lost_records + lost_alarms, news = lost - journal->lost;

	if (!news)
		return 0;
	journal->lost = lost;
	if (journal->output == JOURNAL_JSON)
		fprintf(journal->out, "{\"lost\":%" PRIu64 ",\"lost_alarms\":%" PRIu64 "}\n", news,
			lost_alarms);
	else
		fprintf(journal->out,
			"lost: %" PRIu64 " records found the ring full (%" PRIu64
			" of attacks on the enforcement)\n",
			news, lost_alarms);
	return fflush(journal->out) < 0 ? -EIO : 0;
}
