/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/image/pattern.h"

#include <string.h>

void image_pattern(const char *text, char *bytes, uint8_t *mask, size_t size)
{
	size_t n = strcspn(text, "*");

	memcpy(bytes, text, n);
	memset(mask, 0xff, text[n] ? n : size);
}

struct bs_value image_value(const struct policy_value *value)
{
	return (struct bs_value){(uint32_t)value->number, value->key.line};
}
