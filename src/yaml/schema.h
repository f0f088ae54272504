/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Reads YAML by tables of keys: what is unknown, doubled, missing or of the wrong kind is
 * refused with its position and a cure. Knows no key itself; the tables are in
 * policy_parse.c.
 */

#include "src/yaml/yaml.h"

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
	const char *what, struct policy_position position, void *into);

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
