/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Writes JSON, one value per line, to a stream. Every function takes the member's key, NULL
 * inside an array or at the top. The output is valid JSON whatever the strings hold:
 *
 *   - characters that text_is_plain() refuses become \uXXXX;
 *   - a byte XX that is no part of valid UTF-8 becomes \u00XX, as if it were Latin-1.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool comma; /* the next value is not the first at its place */
};

void json_start(struct json *json, FILE *out);
/* Ends the line; 0, or -EIO when anything could not be written. */
int json_finish(struct json *json);

void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_string(struct json *json, const char *key, const char *value); /* NULL: null */
void json_text(struct json *json, const char *key, const char *value, size_t size);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_integer(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
