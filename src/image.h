/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * struct policy to the bytes of the policy map. Pure: no system call. The serials of
 * the signers' keyrings come in through a callback, so that this can be tested
 * without a kernel.
 */

#include "policy.h"

struct image_entry {
	struct bs_program_key key;
	struct bs_program program;
};

struct image {
	struct image_entry *entries; /* the first is `unsigned` */
	size_t n_entries;
};

/* Serial (> 0) of the keyring of a signer, or -errno with *reterr filled. */
typedef int (*image_ring_fn)(void *userdata, const char *signer, struct diag *reterr);

/*
 * Compiles the policy. *ret is untouched on failure. The errors are those of ring,
 * with the position of the `signer:` in *reterr, and -ENOMEM.
 */
int image_build(const struct policy *policy, image_ring_fn ring, void *userdata, struct image *ret,
	struct diag *reterr);

void image_done(struct image *image); /* frees the contents; safe on { 0 } */

/* The image as text, one field a line, for golden tests and `policy show --image`. Heap, or NULL.
 */
char *image_show(const struct image *image);
