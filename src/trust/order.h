/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Orders: a claim in role `order` whose name is the verb, whose sequence is the counter, and
 * whose digest is the argument's SHA-256 followed by the nonce of the start it is for.
 */

#include "bpf/contract/abi.h"
#include "keyring/claim.h"
#include "src/base/diag.h"

#define ORDER_VERBS_LIMIT 16

struct order_verb {
	const char *name;
	const char *argument; /* "FILE", or NULL */
	/* SHA-256 of the argument, as the enforcement computes it too. */
	int (*digest)(const char *argument, uint8_t ret[BS_DIGEST_SIZE], struct diag *reterr);
};

extern const struct order_verb order_verbs[]; /* ends with a NULL name */
const struct order_verb *order_verb_find(const char *name);

/* The claim of an order, not yet signed. argument is NULL for a verb without one. */
int order_make(const struct order_verb *verb, const char *argument, uint64_t counter,
	const uint8_t nonce[BS_NONCE_SIZE], struct claim *ret, struct diag *reterr);
