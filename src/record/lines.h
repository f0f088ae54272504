/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Records to lines: in the talk's words, or as JSON; equal denials within a second as one. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bpf/contract/abi.h"

enum lines_output {
	LINES_TEXT,
	LINES_JSON,
};

/* The line of one record, without a newline; repeats as " ×N". Heap, or NULL. */
char *lines_text(const struct bs_record *record, unsigned repeats);

/* The same as one JSON object. Heap, or NULL. */
char *lines_json(const struct bs_record *record, unsigned repeats);

struct lines; /* lines on their way out */

/* Writes to out, which stays the caller's. NULL without memory. */
struct lines *lines_new(FILE *out, enum lines_output output);

/* Instead of being written, lines are sent by this: 0 or -errno. */
typedef int (*lines_send_fn)(const struct bs_record *record, unsigned repeats, const char *line);
void lines_send_by(struct lines *lines, lines_send_fn send);

void lines_free(struct lines **lines); /* flushes first */

/* Queues a record; equal denials that are still in the queue are counted instead. */
void lines_add(struct lines *lines, const struct bs_record *record);

/*
 * Prints what is due: approvals at once, denials when they are a second old (now_ns:
 * CLOCK_BOOTTIME), always in order. UINT64_MAX flushes. 0, or -EIO when out fails.
 */
int lines_flush(struct lines *lines, uint64_t now_ns);

/* "N records were lost …": a line of its own whenever the count has grown. */
int lines_lost(struct lines *lines, uint64_t lost_records, uint64_t lost_alarms);

/* "N records were missed": a line of its own, of a follower that was too slow. */
int lines_missed(struct lines *lines, uint64_t missed);

/* The same of records that were not made, because their process had too many; the count wraps. */
int lines_suppressed(struct lines *lines, uint32_t suppressed);
