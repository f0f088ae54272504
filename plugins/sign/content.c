/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The plain hash of a file. Knows nothing of fs-verity. */

#include "plugins/sign/content.h"

#include <string.h>

#include "src/base/file.h"

#define READ_SIZE (1 << 17) /* bytes */

static int hash(int fd, EVP_MD_CTX *context, uint8_t *buffer, uint8_t ret[SHA256_SIZE])
{
	uint64_t offset = 0;
	size_t size;

	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return -EIO;
	do {
		int r = read_at(fd, buffer, READ_SIZE, offset, &size);
		if (r < 0)
			return r;
		if (EVP_DigestUpdate(context, buffer, size) != 1)
			return -EIO;
		offset += size;
	} while (size > 0);
	return EVP_DigestFinal_ex(context, ret, NULL) == 1 ? 0 : -EIO;
}

int content_digest(int fd, uint8_t ret[SHA256_SIZE], struct diag *reterr)
{
	_cleanup_free_ uint8_t *buffer = malloc(READ_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int r = buffer && context ? hash(fd, context, buffer, ret) : -ENOMEM;

	EVP_MD_CTX_free(context);
	openssl_forget();
	return r < 0 ? diag_set(reterr, r, "can't read it: %s", strerror(-r)) : 0;
}
