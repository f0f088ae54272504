/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Shared by the files about keyrings. */

#include <stdbool.h>

#include "keyring/keyring.h"

/*
 * For a process that possesses it (verification is handed the ring as possessed) and for root in
 * any session; for no other, not even to view it. Without POS_SEARCH on ring and key, verification
 * says ENOKEY even to root.
 */
#define KEYRING_PERMISSIONS (KEY_POS_ALL | KEY_USR_ALL)

/* Is this key a keyring, of this very name? NULL: of any. */
bool keyring_is_ring(key_serial_t serial, const char *name);

enum keyring_how {
	KEYRING_FIND,
	KEYRING_MAKE,  /* where it is not there */
	KEYRING_RENEW, /* an empty one takes its place */
};

/* A keyring of this name in the user keyring that holds all of ours. 0, -ENOENT, -errno. */
int keyring_in_holder(const char *name, enum keyring_how how, key_serial_t *ret);

/*
 * Makes a ring possessed by this process: by those rights it is then used. Ends with the process.
 */
int keyring_possess(key_serial_t ring);

/*
 * Looking into rings. -EBUSY: policy or signers changed each time; -EPERM, -EACCES: it is not ours
 * to look.
 */

/* The keys that a ring has, KEY_SPEC_USER_KEYRING too. Heap, NULL for none. 0 or -errno. */
int keyring_look(key_serial_t ring, key_serial_t **ret, size_t *ret_n);

/* The serial of the user keyring of the real uid. 0 or -errno. */
int keyring_look_user(key_serial_t *ret);

/* The asymmetric key of this name, or key id: 1 and its serial, 0, -errno. */
int keyring_look_for(key_serial_t ring, const char *name, key_serial_t *ret);

/*
 * A new key of this certificate, which is in no ring but our process' own: access and timeout as in
 * keyring_add().
 */
int keyring_make_key(X509 *certificate, key_serial_t *ret, struct diag *reterr);

/* The key that was made of this very certificate: 1 and its serial, 0, -errno. */
int keyring_search(key_serial_t ring, X509 *certificate, key_serial_t *ret);

/* The kernel's reason to reject a certificate, with the cure; returns r. */
int keyring_explain_refusal(int r, struct diag *reterr);

/* Appends a ring and all that is linked in it. */
int keyring_list_ring(struct keyring_list *list, key_serial_t ring);
