/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Base64 by OpenSSL, which decodes more than it encodes: spaces around it, bits that no encoder
 * sets.
 */

#include "keyring/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "src/base/base.h"

#define GROUP 3 /* bytes that four characters stand for */

/* Four characters for up to three bytes. */
static void encode_group(const uint8_t *data, size_t size, char ret[5])
{
	EVP_EncodeBlock((uint8_t *)ret, data, size < GROUP ? (int)size : GROUP);
}

void base64_write(FILE *out, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	char text[5];

	for (size_t at = 0; at < size; at += GROUP) {
		encode_group(bytes + at, size - at, text);
		fwrite(text, 1, 4, out);
	}
}

/* Would base64_write() write these bytes so? */
static bool is_encoding(const struct bytes *bytes, const char *text)
{
	char group[5];

	for (size_t at = 0; at < bytes->size; at += GROUP, text += 4) {
		encode_group(bytes->data + at, bytes->size - at, group);
		if (memcmp(group, text, 4) != 0)
			return false;
	}
	return true;
}

/* EVP_DecodeBlock() counts the zeroes that stand for padding. */
static size_t padding_of(const char *text, size_t size)
{
	return (size_t)(text[size - 1] == '=') + (size_t)(text[size - 2] == '=');
}

int base64_decode(const char *text, size_t size, struct bytes *ret)
{
	if (size == 0 || size % 4 != 0 || size > INT_MAX / 2)
		return -EINVAL;
	_cleanup_bytes_ struct bytes bytes = {malloc(size / 4 * 3 + 1), 0};
	if (!bytes.data)
		return -ENOMEM;
	int n = EVP_DecodeBlock(bytes.data, (const uint8_t *)text, (int)size);
	if (n < 0 || (size_t)n != size / 4 * 3)
		return -EINVAL;
	bytes.size = (size_t)n - padding_of(text, size);
	bytes.data[bytes.size] = 0;
	if (!is_encoding(&bytes, text))
		return -EINVAL;
	*ret = bytes;
	bytes = (struct bytes){0};
	return 0;
}
