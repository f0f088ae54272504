/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The journal's native protocol, by libsystemd. */

#include "src/record/journald.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>

#include "src/names/names.h"
#include "src/base/text.h"
#include "src/record/fields.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-journal.h>

#define MESSAGE_ID                                                                                 \
	"c9c7a7fbd6d64e1c9c33b0c8e2a1f5d4" /* of a decision: `journalctl MESSAGE_ID=…`           \
					    */
#define FIELD_LIMIT 40

struct fields {
	struct iovec items[FIELD_LIMIT];
	size_t n;
	bool failed; /* no memory */
};

static void fields_done(struct fields *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		free(fields->items[i].iov_base);
}

/* "KEY=value", of which the fields become the owner. */
static void take(struct fields *fields, char *text)
{
	fields->failed |= !text || fields->n == FIELD_LIMIT;
	if (fields->failed)
		free(text);
	else
		fields->items[fields->n++] = (struct iovec){text, strlen(text)};
}

/* Empty values have no field. */
static void add(struct fields *fields, const char *key, const char *value)
{
	if (value && *value)
		take(fields, format_text("BPFSIGN_%s=%s", key, value));
}

static void add_number(struct fields *fields, const char *key, uint64_t value)
{
	take(fields, format_text("BPFSIGN_%s=%" PRIu64, key, value));
}

static int priority(const struct bs_record *record)
{
	if (record->action == BS_ACTION_APPROVED)
		return LOG_INFO;
	return record->flags & BS_RECORD_ALARM ? LOG_ALERT : LOG_WARNING;
}

/* OBJECT_PID has journald add what it knows of the process. */
static void add_task(struct fields *fields, const struct bs_record *record)
{
	char pod[256];

	words_pod(record, pod, sizeof(pod));
	take(fields, format_text("OBJECT_PID=%u", record->tgid));
	add(fields, "PROCESS", words_process(record));
	add_number(fields, "PID", record->tgid);
	add_number(fields, "UID", record->uid);
	add(fields, "POD", pod);
	if (record->pod.space[0])
		take(fields, format_text("NAMESPACE=%.*s", BS_NAME_SIZE, record->pod.space));
	add(fields, "COMM", record->comm);
	add(fields, "EXECUTABLE", record->path);
	if (record->flags & BS_RECORD_MARKED)
		add(fields, "PROGRAM", record->program);
}

static void add_what(struct fields *fields, const struct bs_record *record)
{
	char type[32];

	add(fields, "OP", op_name(record->op));
	if (words_has_type(record)) {
		words_type(record, type, sizeof(type));
		add(fields, "TYPE", type);
	}
	if (record->flags & BS_RECORD_FILE)
		add(fields, "FILE", record->object);
	else if (!words_is_variable(record))
		add(fields, "NAME", words_object(record));
	add(fields, "ACTION", words_action(record));
	add(fields, "OWNER", record->owner);
}

/* The key of a detail in the journal's capitals. */
static void add_detail(struct fields *fields, const struct bs_record *record)
{
	struct detail detail;
	char key[32] = "";

	if (!words_detail(record, &detail))
		return;
	for (size_t i = 0; detail.key[i] && i < sizeof(key) - 1; i++)
		key[i] = (char)toupper((unsigned char)detail.key[i]);
	add(fields, key, detail.text);
}

static void add_why(struct fields *fields, const struct bs_record *record)
{
	char hash[WORDS_HASH_SIZE];

	add(fields, "SIGNER", record->signer);
	add(fields, "REASON", reason_name(record->reason));
	add_detail(fields, record);
	if (words_is_variable(record))
		add(fields, "VARIABLE", record->object);
	add(fields, "MODE", record->flags & BS_RECORD_OBSERVED ? "observe" : "enforce");
	if (record->line)
		add_number(fields, "RULE", record->line);
	add(fields, "MEASURED", words_hash(&record->measured, hash));
}

int native_send(const struct bs_record *record, unsigned repeats, const char *line)
{
	_cleanup_(fields_done) struct fields fields = {0};

	take(&fields, format_text("MESSAGE=%s", line));
	take(&fields, format_text("MESSAGE_ID=" MESSAGE_ID));
	take(&fields, format_text("PRIORITY=%d", priority(record)));
	take(&fields, format_text("SYSLOG_IDENTIFIER=watchbpf"));
	add_task(&fields, record);
	add_what(&fields, record);
	add_why(&fields, record);
	add_number(&fields, "COUNT", repeats);
	add_number(&fields, "TIME_NS", record->time_ns);
	return fields.failed ? -ENOMEM : sd_journal_sendv(fields.items, (int)fields.n);
}

bool native_is_wanted(int fd)
{
	/*
	 * compared with what is open already, so that it leads nowhere else: also for a program
	 * that the kernel calls secure
	 */
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

#else

bool native_is_wanted(int unused_fd)
{
	(void)unused_fd;
	return false;
}

int native_send(
	const struct bs_record *unused_record, unsigned unused_repeats, const char *unused_line)
{
	(void)unused_record;
	(void)unused_repeats;
	(void)unused_line;
	return -EOPNOTSUPP;
}

#endif
