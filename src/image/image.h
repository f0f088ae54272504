/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * struct policy to the bytes of the policy map. Pure: no system call. The serials of
 * the signers' keyrings come in through a callback and the kernel's functions as what
 * functions_load() read, so that this can be tested without a kernel.
 */

#include "src/names/functions.h"
#include "src/policy/policy.h"

struct image_entry {
	struct bs_program_key key;
	union bs_policy_value value; /* zero beyond the member in use */
};

struct image {
	/* `unsigned`, programs, digests, the table of kfuncs, the kernel */
	struct image_entry *entries;
	size_t n_entries;
};

/* Serial (> 0) of the keyring of a signer, or -errno with *reterr filled. */
typedef int (*image_ring_fn)(void *userdata, const char *signer, struct diag *reterr);

/*
 * Compiles the policy for the kernel of functions. *ret is untouched on failure. The errors are
 * those of ring, with the position of the signer in *reterr; -EINVAL for a policy without
 * policy_fill_defaults(), and for a helper or kfunc that neither this kernel nor functions.def has,
 * with its position; -E2BIG for too many kfuncs, and -ENOMEM.
 */
int image_build(const struct policy *policy, const struct functions *functions, image_ring_fn ring,
	void *userdata, struct image *ret, struct diag *reterr);

void image_done(struct image *image); /* frees the contents; safe on { 0 } */

/*
 * Which entry is a digest's, which holds the table of kfuncs, which `kernel:`? The others are
 * programs.
 */
bool image_is_digest(const struct image_entry *entry);
bool image_is_kfuncs(const struct image_entry *entry);
bool image_is_kernel(const struct image_entry *entry);

/*
 * The image as text, one field a line, for golden tests and `policy show --image`; helpers and
 * kfuncs by name. Heap, or NULL.
 */
char *image_show(const struct image *image, const struct functions *functions);
