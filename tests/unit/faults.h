/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Allocations that fail on demand, ours and OpenSSL's, and calls of the keyrings. */

#include "tests/unit/signing.h"

#include <keyutils.h>
#include <openssl/crypto.h>

/* Which allocation fails, counted from 1; 0: none. Ours and OpenSSL's are counted apart. */
static struct fault {
	size_t at, count;
} ours, openssls;

static bool strikes(struct fault *fault)
{
	return fault->at && ++fault->count == fault->at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

void *__wrap_malloc(size_t size)
{
	return strikes(&ours) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return strikes(&ours) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return strikes(&ours) ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	return strikes(&ours) ? NULL : __real_reallocarray(old, n, size);
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
	return strikes(&openssls) ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *old, size_t size, const char *file, int line)
{
	return strikes(&openssls) ? NULL : __real_realloc(old, size);
}

static void openssl_free(void *old, const char *file, int line)
{
	free(old);
}
