/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Strict YAML. reader.c yields one event at a time of the part of YAML that a policy may use: one
 * UTF-8 document of mappings, lists and short texts. It refuses aliases, anchors, tags and
 * directives, so that no caller can forget to. schema.c reads mappings by tables of keys: an
 * unknown, doubled, missing or mistyped key is refused with its position and a cure. Neither knows
 * a key: the tables are in policy/parse.c and sets/set.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

#include "src/base/diag.h"
#include "src/yaml/position.h"

#define READER_TEXT_LIMIT 255 /* bytes of one text */

struct reader {
	yaml_event_type_t type;   /* of the current event */
	struct position position; /* where it starts */
	struct position key;      /* where the last key starts: set by schema.c */
	const char *text;         /* of a scalar: no NUL inside; valid until the next event */
	bool plain;               /* of a scalar: without quotes */
	struct diag *reterr;      /* may be NULL */

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
int reader_refuse_at(struct reader *reader, struct position position, const char *hint,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* --- tables of keys ------------------------------------------------------------------------- */

struct key {
	const char *name;
	/* Reads the value that begins at the reader's event; returns at its last event. */
	int (*read)(struct reader *reader, const struct key *key, void *field);
	bool required;
	size_t offset;   /* of field in the struct of the level; 0 when read() fills several */
	const char *doc; /* what the value is, for "expected …" */
};

/* The keys of one mapping. */
struct level {
	const char *where; /* "in 'load'", for a key that stands in the wrong place */
	const struct key *keys;
	size_t n_keys; /* at most SCHEMA_KEYS */
};
#define SCHEMA_KEYS 24

struct schema {
	const struct level *levels;
	size_t n_levels;
};

/*
 * A mapping with the keys of level, into the struct that their offsets are for. what
 * ("program 'alice'") and position are for the message about a missing key.
 */
int schema_read(struct reader *reader, const struct schema *schema, const struct level *level,
	const char *what, struct position position, void *into);

/* Moves to the next key of a mapping: 1 (it is reader->text), or 0 at the mapping's end. */
int schema_next_key(struct reader *reader);

/* Is the value of key of this kind? 0 or -EINVAL. */
int schema_expect(struct reader *reader, const struct key *key, yaml_event_type_t type);

/* Calls item for each text of a list of at least one. */
int schema_read_list(struct reader *reader, const struct key *key,
	int (*item)(struct reader *reader, const struct key *key, void *field), void *field);

/* Plain decimal digits, no sign, no leading zero. */
int schema_read_number(struct reader *reader, const struct key *key, uint64_t *ret);

/*
 * One of n words: 0 and its index in *ret, or -EINVAL with "did you mean". what ("map access")
 * is for the message.
 */
int schema_read_word(
	struct reader *reader, const char *what, const char *const *words, size_t n, size_t *ret);

/*
 * A list, which is what is allowed, or a mapping of lists `allow` and `deny`. item gets the deny.
 */
typedef int (*schema_item_fn)(struct reader *reader, const struct key *key, void *field, bool deny);
int schema_read_lists(
	struct reader *reader, const struct key *key, schema_item_fn item, void *field);

/* "key 'x' is given twice"; what is "key", "program"…; line: of the first. -EINVAL. */
int schema_refuse_duplicate(
	struct reader *reader, const char *what, const char *name, unsigned line);
