/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Has the kernel take our _ima for IMA's keyring, and shows whether it did. See
 * keyring/kernel_rings.h.
 */

#include <openssl/x509.h>

#include "src/base/diag.h"

enum ima_pin {
	IMA_PINNED, /* a file that only a key of our ring signed was let in, another was not */
	/* no rule of IMA's policy appraises our files: the kernel has not looked yet */
	IMA_NO_RULE,
	IMA_OTHER_RING, /* it has looked already, and found another's ring */
};

/* The least rule that lets us pin the ring: it concerns only our own files. */
extern const char *const ima_least_rule;

/*
 * Puts these certificates into IMA's ring. Where the kernel has not looked for it yet, the ring is
 * made anew, closed, and the kernel made to look: files of our own are opened, mapped and executed,
 * one with a signature by a key that is in the ring for that moment, one with a stranger's. -EPERM
 * when the ring was closed before with other keys; -errno when it could not be done.
 */
int ima_pin(X509 *const *certificates, size_t n, enum ima_pin *ret, struct diag *reterr);
