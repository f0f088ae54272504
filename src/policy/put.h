/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Values as YAML, for the files of policy_show(). */

#include "src/policy/policy.h"

/* As plain YAML where no reader could misread it, else in quotes. */
void put_text(FILE *out, const char *text);

/* "KEY: WORD" and the end of the line, when the key is given. */
void put_choice(FILE *out, const char *indent, const char *key, const struct policy_value *value,
	const char *const *words);

/* "KEY: NUMBER" and the end of the line, when the key is given. */
void put_number(FILE *out, const char *indent, const char *key, const struct policy_value *value);
