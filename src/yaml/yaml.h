/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * YAML, one event at a time, and only the part of it that a policy may use: one UTF-8
 * document of mappings, lists and short texts. Aliases, anchors, tags and directives are
 * refused here, so that no caller can forget to.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

#include "src/policy/policy.h"

/* Bytes of one text: no name, number or path of a policy is longer. */
#define READER_TEXT_LIMIT (BS_PATH_SIZE - 1)

struct reader {
	yaml_event_type_t type;          /* of the current event */
	struct policy_position position; /* where it starts */
	struct policy_position key;      /* where the last key starts: set by schema.c */
	const char *text;    /* of a scalar: no NUL inside; valid until the next event */
	bool plain;          /* of a scalar: without quotes */
	struct diag *reterr; /* may be NULL */

	/* Private. */
	const char *path;
	const uint8_t *bytes;
	size_t size;
	yaml_parser_t yaml;
	yaml_event_t event; /* owns what text points to */
};

/*
 * Moves to the first event of the document. The text and the path must outlive the
 * reader; reader_done() is due even after a failure. -EINVAL with the position, -ENOMEM;
 * the same for all below.
 */
int reader_open(struct reader *reader, const char *path, const void *text, size_t size,
	struct diag *reterr);

/* Moves to the next event. */
int reader_next(struct reader *reader);

/* After the last event of the document: there must be nothing more. */
int reader_close(struct reader *reader);

void reader_done(struct reader *reader);

/* No value was given: nothing at all, `~` or `null`. */
bool reader_is_null(const struct reader *reader);

/* "a list", "a mapping" or "text": what the current event begins. */
const char *reader_kind(const struct reader *reader);

/*
 * Fills the diag for the current event, or for position; returns -EINVAL. hint is the cure,
 * or NULL when diag_hint() follows because it needs a format too.
 */
int reader_refuse(struct reader *reader, const char *hint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int reader_refuse_at(struct reader *reader, struct policy_position position, const char *hint,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
