/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own rings, beside the signers': IMA's (".ima", or "_ima" where the kernel has no
 * trusted one) and fs-verity's ".fs-verity". A key in them counts for what the kernel itself
 * verifies, whoever the signer is.
 *
 * The kernel looks for "_ima" once, in the keyrings of whoever is appraised first with a signature,
 * and keeps what it finds until the next boot (security/integrity/digsig.c). So ours must be found
 * first: ima_pin() sees to it.
 */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "keyring/keyring.h"

enum beside {
	BESIDE_IMA,
	BESIDE_FSVERITY,
	BESIDE_END,
};

/* "ima", "fsverity": the word in options, JSON and file names. */
const char *beside_word(enum beside which);

/* Its bit of enum anchor_mark. */
unsigned beside_mark(enum beside which);

/*
 * The ring's name (".ima", "_ima", ".fs-verity") and serial; -ENOENT where the kernel has none,
 * or none yet.
 */
int beside_find(enum beside which, const char **ret_name, key_serial_t *ret);

/*
 * Adds the certificate; *ret_key is its new key, or the one that is there already. -EPERM when the
 * ring takes no more, -ENOKEY when only what a key of the kernel's own vouches for; -EOPNOTSUPP
 * where there is no such ring; errors of keyring_add().
 */
int beside_add(enum beside which, X509 *certificate, key_serial_t *ret_key, struct diag *reterr);

/* 1 and the key of this certificate, 0, or -errno. */
int beside_has(enum beside which, X509 *certificate, key_serial_t *ret_key);

/* Takes the key of this certificate out; 1, or 0 when it was not in there. */
int beside_remove(enum beside which, X509 *certificate, struct diag *reterr);

/* Those that there are, and the keys in them: what must not change while we enforce. */
int beside_list(struct keyring_list *ret);

/* Number of keys in the ring, 0 where there is none. */
int beside_count(enum beside which);

/* An empty, open _ima in place of the one that there may be; a trusted ring stays as it is. */
int beside_renew_ima(struct diag *reterr);

/* From now on nobody adds anything to _ima. */
int beside_close_ima(struct diag *reterr);

/*
 * Was it shown that the kernel uses our _ima, since the last boot? A note in the kernel's memory,
 * made by the second. A trusted ring (.ima) needs no pin: 1.
 */
int beside_ima_is_pinned(void);
int beside_ima_set_pinned(struct diag *reterr);
