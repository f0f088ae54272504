/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What may be read and executed inside a program, to struct bs_files. */

#include "src/image/image.h"

/* All but the rings. *ret must be zero. */
void image_files(const struct policy_program *program, struct bs_files *ret);

/* The keyring of one signer, with the errors of image_build() at position. */
int image_ring(const struct policy *policy, const char *signer, struct position position,
	image_ring_fn ring, void *userdata, __s32 *ret, struct diag *reterr);

/* The rings of `file-signers:`, with the errors of image_build(). */
int image_file_rings(const struct policy *policy, const struct policy_program *program,
	image_ring_fn ring, void *userdata, struct bs_files *ret, struct diag *reterr);
