/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The fields of a record as words and numbers, by the table of fields.def. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"

struct functions;

/* The outputs; bits, since a field may be in several. */
enum record_output {
	RECORD_TEXT = 1,
	RECORD_JSON = 2,
	RECORD_JOURNALD = 4,
};

/* The value of one field. */
struct record_value {
	enum {
		RECORD_ABSENT,
		RECORD_NULL, /* of JSON only */
		RECORD_WORD,
		RECORD_NUMBER,
		RECORD_BOOLEAN,
	} kind;
	const char *word; /* of the record, static, or buffer */
	uint64_t number;  /* of a boolean, 0 or 1 */
	bool is_verbatim; /* a word that the text never quotes */
	char buffer[256];
};

/* One line of fields.def. */
struct record_field {
	const char *key, *json_key;
	unsigned outputs; /* enum record_output */
	void (*get)(const struct record_field *field, const struct bs_record *record,
		unsigned repeats, enum record_output output, struct record_value *ret);
};

/* The table, in the order of the fields. Static. */
const struct record_field *record_fields(size_t *ret_n);

/*
 * The value of a field in one output. repeats: of the line. False, and *ret is RECORD_ABSENT, where
 * this output does not have the field or the record has no value for it. *ret lives as long as
 * record.
 */
bool record_value(const struct record_field *field, const struct bs_record *record,
	unsigned repeats, enum record_output output, struct record_value *ret);

/*
 * Names for the helpers and kfuncs in all lines from now on. Both stay the caller's, and must live
 * as long as lines are made. NULL, as at the start: their numbers are printed.
 */
void record_set_names(const struct functions *functions, const struct bs_kfuncs *kfuncs);
