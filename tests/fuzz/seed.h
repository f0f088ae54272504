/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A key that is the same in every run, so that what a fuzzer finds happens again, and a
 * mutator that starts from something valid now and then: no binary seeds in git.
 */

#include <openssl/evp.h>
#include <string.h>

#include "keyring/cert.h"
#include "keyring/key.h"
#include "src/base/base.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed);

/* Not assert(): NDEBUG must not turn the fuzzer into one that finds nothing. */
static inline void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fuzzer: %s\n", what);
	abort();
}

/* ECPrivateKey (RFC 5915) on P-256; the public key follows from it. */
static const uint8_t seed_der[] = "\x30\x31\x02\x01\x01\x04\x20"
				  "bpfsign fuzz key, not a secret!!"
				  "\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

static inline struct key seed_key(void)
{
	const unsigned char *next = seed_der;
	struct key key = {.private_key = d2i_AutoPrivateKey(NULL, &next, sizeof(seed_der) - 1)};

	require(key.private_key &&
			cert_make(key.private_key, "acme", 30, &key.certificate, NULL) == 0,
		"no seed");
	return key;
}

/* Every sixteenth input starts from a seed. */
static inline size_t mutate_from(const struct bytes *seeds, size_t n, uint8_t *data, size_t size,
	size_t limit, unsigned random)
{
	const struct bytes *seed = &seeds[random / 16 % n];

	if (random % 16 == 0 && seed->size <= limit) {
		memcpy(data, seed->data, seed->size);
		size = seed->size;
	}
	return LLVMFuzzerMutate(data, size, limit);
}
