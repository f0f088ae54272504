/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Records to lines: in the talk's words, or as JSON; equal denials within a second as one. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bpf/contract/abi.h"

enum journal_output {
	JOURNAL_TEXT,
	JOURNAL_JSON,
};

/* The line of one record, without a newline; repeats as " ×N". Heap, or NULL. */
char *journal_text(const struct bs_record *record, unsigned repeats);

/* The same as one JSON object. Heap, or NULL. */
char *journal_json(const struct bs_record *record, unsigned repeats);

struct journal; /* lines on their way out */

/* Writes to out, which stays the caller's. NULL without memory. */
struct journal *journal_new(FILE *out, enum journal_output output);

/* Instead of being written, lines are sent by this: 0 or -errno. */
typedef int (*journal_send_fn)(const struct bs_record *record, unsigned repeats, const char *line);
void journal_send_by(struct journal *journal, journal_send_fn send);

void journal_free(struct journal **journal); /* flushes first */

/* Queues a record; equal denials that are still in the queue are counted instead. */
void journal_add(struct journal *journal, const struct bs_record *record);

/*
 * Prints what is due: approvals at once, denials when they are a second old (now_ns:
 * CLOCK_BOOTTIME), always in order. UINT64_MAX flushes. 0, or -EIO when out fails.
 */
int journal_flush(struct journal *journal, uint64_t now_ns);

/* "N records were lost …": a line of its own whenever the count has grown. */
int journal_lost(struct journal *journal, uint64_t lost_records, uint64_t lost_alarms);
