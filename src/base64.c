/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Base64, strictly. */

#include "base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(FILE *out, const void *data, size_t size)
{
	const uint8_t *next = data;

	for (; size >= 3; size -= 3, next += 3) {
		const char group[4] = {alphabet[next[0] >> 2],
			alphabet[(next[0] & 3) << 4 | next[1] >> 4],
			alphabet[(next[1] & 15) << 2 | next[2] >> 6], alphabet[next[2] & 63]};
		fwrite(group, 1, sizeof(group), out);
	}
	if (size == 1)
		fprintf(out, "%c%c==", alphabet[next[0] >> 2], alphabet[(next[0] & 3) << 4]);
	if (size == 2)
		fprintf(out, "%c%c%c=", alphabet[next[0] >> 2],
			alphabet[(next[0] & 3) << 4 | next[1] >> 4], alphabet[(next[1] & 15) << 2]);
}

/* The value of a character, or -1. */
static int8_t values[256];

static void __attribute__((constructor)) fill_values(void)
{
	memset(values, -1, sizeof(values));
	for (size_t i = 0; alphabet[i]; i++)
		values[(uint8_t)alphabet[i]] = (int8_t)i;
}

/* Four characters to their bytes; how many, or -EINVAL. Padding only in the last group. */
static int decode_group(const char *text, bool last, uint8_t ret[3])
{
	size_t padding = !last || text[3] != '=' ? 0 : text[2] == '=' ? 2 : 1;
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? values[(uint8_t)text[i]] : 0;
		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i < 3; i++)
		ret[i] = (uint8_t)(bits >> (16 - 8 * i));
	if ((padding >= 1 && ret[2]) || (padding == 2 && ret[1]))
		return -EINVAL; /* bits that no encoder sets */
	return 3 - (int)padding;
}

int base64_decode(const char *text, size_t size, struct bytes *ret)
{
	_cleanup_bytes_ struct bytes bytes = {0};

	if (size == 0 || size % 4 != 0)
		return -EINVAL;
	bytes.data = malloc(size / 4 * 3 + 1);
	if (!bytes.data)
		return -ENOMEM;
	for (size_t at = 0; at < size; at += 4) {
		uint8_t group[3];
		int n = decode_group(text + at, at + 4 == size, group);
		if (n < 0)
			return n;
		memcpy(bytes.data + bytes.size, group, (size_t)n);
		bytes.size += (size_t)n;
	}
	bytes.data[bytes.size] = 0;
	*ret = bytes;
	bytes = (struct bytes){0};
	return 0;
}
