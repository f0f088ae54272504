/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's keyrings: one ring per signer, "bpfsign:SIGNER", all in the ring "bpfsign", in the
 * user keyring of an unused uid: so they outlive every session, and no other process uses it.
 * The kernel tells which ring verified, never which key in it: hence one ring per signer.
 */

#include <keyutils.h>
#include <openssl/x509.h>

#include "src/base/base.h"
#include "src/base/diag.h"

#define KEYRING_HOLDER_UID 0xbf519000U /* 3209793536; unused */

/* Serial (> 0) of a signer's ring in *ret; -ENOENT with the cure when it was never enrolled. */
int keyring_find(const char *signer, key_serial_t *ret, struct diag *reterr);

/* Serial of the ring that holds the signers' rings; -ENOENT before the first enrolment. */
int keyring_parent(key_serial_t *ret);

/* Serials of rings and keys. */
struct keyring_list {
	key_serial_t *serials;
	size_t n;
};
void keyring_list_done(struct keyring_list *list);
#define _cleanup_keyring_list_ _cleanup_(keyring_list_done)

/*
 * The rings and keys that must not change during enforcement: the user keyring that holds it all,
 * the ring of the rings, every signer's ring, and the keys in them. Before the first enrolment
 * nothing.
 */
int keyring_list(struct keyring_list *ret);

/* A signer's ring like keyring_find(), made (with its parent) where it does not exist. */
int keyring_make(const char *signer, key_serial_t *ret, struct diag *reterr);

/*
 * Adds the certificate to a ring as an asymmetric key; the key's serial in *ret_key. The kernel
 * ignores the expiry of a certificate, so the key's timeout is set to it. -EKEYEXPIRED when it
 * has expired, -EOPNOTSUPP for a key algorithm that the kernel cannot verify, both before
 * anything is added. Adding it again replaces the key.
 */
int keyring_add(key_serial_t ring, X509 *certificate, key_serial_t *ret_key, struct diag *reterr);

/*
 * Would the kernel find a key in the ring for a signature by this certificate's key? 1 and its
 * serial, 0, or -errno (-EKEYEXPIRED, -EKEYREVOKED, -EPERM for anyone but root).
 */
int keyring_has(key_serial_t ring, X509 *certificate, key_serial_t *ret_key);

/* Takes the key of this very certificate out of a ring; 1, or 0 when it is not in there. */
int keyring_remove(key_serial_t ring, X509 *certificate, struct diag *reterr);

/* Number of keys in the ring, or -errno. */
int keyring_count(key_serial_t ring);

/* Takes every key out of a signer's ring (the ring stays, so that its serial does). */
int keyring_clear(const char *signer, struct diag *reterr);
