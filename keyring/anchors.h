/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The enrolled certificates on disk, DIR/SIGNER/FINGERPRINT.pem (DIR is
 * /etc/bpfsign/keys.d, or $BPFSIGN_KEYS_DIRECTORY), with DIR/SIGNER/control
 * marking the one control signer. They are what `keys` and `verify` read; the kernel
 * reads only its keyrings. Names that begin with '.' are ours: what is being removed.
 */

#include <openssl/x509.h>

#include "bpf/abi.h"
#include "src/diag.h"
#include "src/util.h"

struct anchor {
	char signer[BS_NAME_SIZE];
	bool control;
	X509 *certificate;        /* owned */
	char fingerprint[64 + 1]; /* SHA-256 of the DER, lower-case hexadecimal */
	char *path;               /* owned */
};

struct anchors {
	struct anchor *items; /* sorted by signer, then fingerprint */
	size_t n;
};

/* Where the anchors are: $BPFSIGN_KEYS_DIRECTORY, or /etc/bpfsign/keys.d. */
const char *anchors_directory(void);

/* May a signer be called so? A program's name that does not begin with '.'. */
bool anchors_name_is_valid(const char *signer);

/* Every anchor on disk; a directory that does not exist is an empty list. A file that
 * cannot be read or parsed is an error that names it. */
int anchors_load(struct anchors *ret, struct diag *reterr);
void anchors_done(struct anchors *anchors);
#define _cleanup_anchors_ _cleanup_(anchors_done)

/* The name of the control signer, or NULL. */
const char *anchors_control(const struct anchors *anchors);

/* The certificates alone, for claim_verify(), in the same order; free() it, not what it
 * points to. NULL without memory. */
X509 **anchors_certificates(const struct anchors *anchors);

/* The signer's anchor of the same public key, or NULL. */
const struct anchor *anchors_find_key(
	const struct anchors *anchors, const char *signer, X509 *certificate);

/* Would anchors_add() refuse this signer? 0, -EINVAL for its name, -EEXIST as below. */
int anchors_check(const char *signer, bool control, struct diag *reterr);

/* Adds a certificate (idempotent) or marks the signer as control; atomic. -EEXIST when another
 * signer is control already. */
int anchors_add(const char *signer, X509 *certificate, bool control, struct diag *reterr);

/* Removes every certificate of a signer, in one step; -ENOENT when there is none. */
int anchors_remove(const char *signer, struct diag *reterr);
