/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own rings: IMA's (".ima", or "_ima" where the kernel has no trusted one) and
 * fs-verity's ".fs-verity". A key in them counts for the kernel's own verification, for all
 * signers alike.
 *
 * The kernel looks for "_ima" once, in the keyrings of the first process whose file is appraised
 * with a signature, and keeps the ring it finds until the next boot (security/integrity/digsig.c).
 * ima_pin() makes it find ours.
 */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "keyring/keyring.h"

enum kernel_ring {
	KERNEL_RING_IMA,
	KERNEL_RING_FSVERITY,
	KERNEL_RING_END,
};

/* "ima", "fsverity": the word in options, JSON and file names. */
const char *kernel_rings_word(enum kernel_ring which);

/* Its bit of enum anchor_mark. */
unsigned kernel_rings_mark(enum kernel_ring which);

/*
 * The ring's name (".ima", "_ima", ".fs-verity") and serial; -ENOENT where the kernel has none,
 * or none yet.
 */
int kernel_rings_find(enum kernel_ring which, const char **ret_name, key_serial_t *ret);

/*
 * Adds the certificate; *ret_key is its new key, or the one that is there already. -EPERM when the
 * ring takes no more, -ENOKEY when it takes only certificates signed by a key of the kernel's own;
 * -EOPNOTSUPP where there is no such ring; errors of keyring_add().
 */
int kernel_rings_add(
	enum kernel_ring which, X509 *certificate, key_serial_t *ret_key, struct diag *reterr);

/* 1 and the key of this certificate, 0, or -errno. */
int kernel_rings_has(enum kernel_ring which, X509 *certificate, key_serial_t *ret_key);

/* Takes the key of this certificate out; 1, or 0 when it was not in there. */
int kernel_rings_remove(enum kernel_ring which, X509 *certificate, struct diag *reterr);

/* The rings that exist, and the keys in them: none may change during enforcement. */
int kernel_rings_list(struct keyring_list *ret);

/* Number of keys in the ring, 0 where there is none. */
int kernel_rings_count(enum kernel_ring which);

/* An empty, open _ima in place of the one that there may be; a trusted ring stays as it is. */
int kernel_rings_renew_ima(struct diag *reterr);

/* Restricts _ima: it takes no further key. */
int kernel_rings_close_ima(struct diag *reterr);

/*
 * Was it shown that the kernel uses our _ima, since the last boot? A note in the kernel's memory,
 * made by the second. A trusted ring (.ima) needs no pin: 1.
 */
int kernel_rings_ima_is_pinned(void);
int kernel_rings_ima_set_pinned(struct diag *reterr);
