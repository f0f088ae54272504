/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The native protocol of journald, by libsystemd. */

#include "src/record/journald.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>

#include "src/base/text.h"
#include "src/record/fields.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-journal.h>

/* Of a decision: `journalctl MESSAGE_ID=…`. */
#define MESSAGE_ID  "c9c7a7fbd6d64e1c9c33b0c8e2a1f5d4"
#define FIELD_LIMIT 48

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

static int priority(const struct bs_record *record)
{
	if (record->action == BS_ACTION_APPROVED)
		return LOG_INFO;
	return record->flags & BS_RECORD_ALARM ? LOG_ALERT : LOG_WARNING;
}

/* "BPFSIGN_" and the key in capitals. An empty value has no field. */
static void add_value(struct fields *fields, const char *key, const struct record_value *value)
{
	char capitals[32] = "";

	for (size_t i = 0; key[i] && i < sizeof(capitals) - 1; i++)
		capitals[i] = (char)toupper((unsigned char)key[i]);
	if (value->kind == RECORD_NUMBER)
		take(fields, format_text("BPFSIGN_%s=%" PRIu64, capitals, value->number));
	else if (value->kind == RECORD_WORD && *value->word)
		take(fields, format_text("BPFSIGN_%s=%s", capitals, value->word));
}

int journald_send(const struct bs_record *record, unsigned repeats, const char *line)
{
	_cleanup_(fields_done) struct fields fields = {0};
	struct record_value value;
	size_t n;
	const struct record_field *table = record_fields(&n);

	take(&fields, format_text("MESSAGE=%s", line));
	take(&fields, format_text("MESSAGE_ID=" MESSAGE_ID));
	take(&fields, format_text("PRIORITY=%d", priority(record)));
	take(&fields, format_text("SYSLOG_IDENTIFIER=watchbpf"));
	/* journald adds its own fields about this process */
	take(&fields, format_text("OBJECT_PID=%u", record->tgid));
	for (size_t i = 0; i < n; i++)
		if (record_value(&table[i], record, repeats, RECORD_JOURNALD, &value))
			add_value(&fields, table[i].key, &value);
	return fields.failed ? -ENOMEM : sd_journal_sendv(fields.items, (int)fields.n);
}

bool journald_is_wanted(int fd)
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

bool journald_is_wanted(int unused_fd)
{
	(void)unused_fd;
	return false;
}

int journald_send(
	const struct bs_record *unused_record, unsigned unused_repeats, const char *unused_line)
{
	(void)unused_record;
	(void)unused_repeats;
	(void)unused_line;
	return -EOPNOTSUPP;
}

#endif
