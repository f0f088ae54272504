/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From a signed policy file to what enforcer_start() takes: read once, verified, checked,
 * compiled.
 */

#include "src/base/base.h"
#include "src/enforcer/enforcer.h"
#include "src/image/image.h"
#include "src/names/functions.h"
#include "keyring/keyring.h"
#include "src/policy/policy.h"

/* In the environment of a program that executed itself again: warnings were printed. */
#define PREPARE_TOLD "WATCHBPF_STARTED"

struct prepared {
	struct policy policy;
	struct functions *functions; /* of the running kernel; NULL: not read */
	struct image image;
	uint8_t digest[BS_DIGEST_SIZE];  /* fs-verity digest of the file, what an order names */
	int32_t control_ring;            /* 0: no control signer */
	struct keyring_list keys;        /* rings and keys that must not change */
	struct keyring_list kernel_keys; /* those that the kernel itself searches */
};

/*
 * Prints warnings of the policy by itself. Errors: those of policy_load(); -ENODATA for a policy
 * that is not signed, -EKEYREJECTED for one signed by somebody else, -ESTALE for an altered one;
 * -ENOKEY for a signer without a usable key.
 */
int prepare(const char *path, struct prepared *ret, struct diag *reterr);
void prepared_done(struct prepared *prepared);
#define _cleanup_prepared_ _cleanup_(prepared_done)
