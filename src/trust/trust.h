/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From a certificate to a signer that the kernel and `bpfsign verify` trust, and back: the steps
 * that enroll, unenroll and rotate share.
 */

#include "keyring/anchors.h"
#include "keyring/kernel_rings.h"
#include "keyring/key.h"
#include "keyring/keyring.h"
#include "src/trust/ima.h"

/* One certificate of a signer, and where it went. */
struct trust {
	const char *signer;
	X509 *certificate; /* not owned */
	unsigned marks;    /* enum anchor_mark */
	key_serial_t ring, key;
};

/*
 * For a key without a certificate of this signer: the one that the signer has for it on disk, or a
 * new one (*ret_made). Without this, enrolling twice would leave two certificates of one key.
 */
int trust_certify(struct key *key, const char *signer, bool *ret_made, struct diag *reterr);

/*
 * Into the signer's ring and then onto disk: `verify` must not trust a certificate that the kernel
 * rejects. Adding again changes nothing but the key's serial. ring and key are filled in.
 */
int trust_add(struct trust *trust, struct diag *reterr);

/* The first half of it alone, for a certificate on disk. */
int trust_add_to_kernel(struct trust *trust, struct diag *reterr);

/* The result for the kernel's own rings. */
struct trust_rings {
	bool has_ima;     /* some signer has the mark */
	enum ima_pin pin; /* where has_ima */
};

/* All certificates whose signers are marked for them into the rings of IMA and fs-verity. */
int trust_add_to_rings(struct trust_rings *ret, struct diag *reterr);

/*
 * Takes one certificate of a signer out of the kernel, all its rings, and then off the disk.
 * Again is fine.
 */
int trust_retire(const struct anchor *anchor, struct diag *reterr);

/* Takes the certificates of a signer out of the kernel's own rings. */
int trust_retire_from_rings(const struct anchors *anchors, const char *signer, struct diag *reterr);
