/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Text: hexadecimal, what may reach a terminal, names, formatting. */

#include "src/base/base.h"

/*
 * The character at text, of size bytes (at least 1), with its length in bytes in *ret_size; or -1
 * where no valid UTF-8 begins (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 */
int32_t text_decode(const uint8_t *text, size_t size, size_t *ret_size);

/*
 * The one rule of the characters that may reach a terminal: false for each that drives it, breaks a
 * line, reorders one (UAX #9) or cannot be seen.
 */
bool text_is_plain(int32_t character);

/* 2 * size hexadecimal digits and a NUL into text; returns text. */
char *hex_encode(const void *data, size_t size, char *text);
/* size bytes out of exactly 2 * size digits; 0, or -EINVAL. */
int hex_decode(const char *text, void *data, size_t size);

/*
 * text with each character that text_is_plain() refuses escaped: \n, \t, \", \\, and \xNN for
 * each byte of any other one and for bytes that are not UTF-8. Heap, or NULL.
 */
char *escape_text(const char *text, size_t size);

/* The same with quotes around it. Heap, or NULL. */
char *quote_text(const char *text, size_t size);

/* [a-z0-9._-]{1,63}: what a program or signer may be called in a claim. */
bool name_is_valid(const char *name);

/* The nearest of n words to text, or NULL when none is near: "did you mean". */
const char *nearest_word(const char *text, const char *const *words, size_t n);

/* printf to the heap; NULL without memory. */
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
