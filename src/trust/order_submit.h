/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An order, from its file to the kernel that verifies it, and to the change it permits. */

#include "src/enforcer/enforcer.h"

/*
 * Reads an order from a file and has the kernel carry it out. The order must have this verb and
 * this argument (a digest); NULL: any. 0, -EPERM with the kernel's reason in *reterr, or -errno.
 */
int order_submit(struct enforcer *enforcer, const char *path, const char *verb,
	const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr);

/*
 * Permits this process to change the signers' keyrings by an order `enroll` or `unenroll`; word
 * is the order's argument as `bpfsign order` takes it. Without enforcement nothing is needed.
 */
int order_submit_keys_begin(
	const char *path, const char *verb, const char *word, struct diag *reterr);

/* After the change: new keys are guarded, and every running mark is verified again. */
int order_submit_keys_end(struct diag *reterr);

/*
 * Root can put another ring of the same name in place of the one that holds the signers'. It would
 * not be the one that has been guarded since the start: -EPERM then.
 */
int order_submit_check_keyrings(struct enforcer *enforcer, struct diag *reterr);
