/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Base64 of RFC 4648, section 4, in one line: with padding, and nothing but the one right
 * encoding.
 */

#include <stdio.h>

#include "src/base/base.h"

void base64_write(FILE *out, const void *data, size_t size);

/* Decodes size characters; -EINVAL for text that base64_write() would not have written, -ENOMEM. */
int base64_decode(const char *text, size_t size, struct bytes *ret);
