/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Patterns and numbers of a policy to their bytes. */

#include "src/policy/policy.h"

/* "tcp_*" as bytes and mask, of size bytes each. */
void image_pattern(const char *text, char *bytes, uint8_t *mask, size_t size);

/* A number and the line of its key; line 0: the default. */
struct bs_value image_value(const struct policy_value *value);
