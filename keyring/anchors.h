/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The enrolled certificates on disk, DIR/SIGNER/FINGERPRINT.pem (DIR is
 * /etc/bpfsign/keys.d, or $BPFSIGN_KEYS_DIRECTORY), with empty files DIR/SIGNER/control for the one
 * control signer, and ima and fsverity for those whose keys go into the kernel's own rings too.
 * `keys` and `verify` read them; the kernel reads only its keyrings. Names that begin with '.' are
 * directories under removal.
 */

#include <openssl/x509.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"
#include "src/base/diag.h"

/* Further purposes of a signer's keys. */
enum anchor_mark {
	ANCHOR_CONTROL = 1 << 0,  /* its orders loosen the enforcement */
	ANCHOR_IMA = 1 << 1,      /* its keys count for IMA */
	ANCHOR_FSVERITY = 1 << 2, /* … and for fs-verity's built-in signatures */
};

struct anchor {
	char signer[BS_NAME_SIZE];
	bool control;
	unsigned marks;    /* enum anchor_mark, of its signer; ANCHOR_CONTROL is `control` too */
	X509 *certificate; /* owned */
	char fingerprint[64 + 1]; /* SHA-256 of the DER, lower-case hexadecimal */
	char *path;               /* owned */
};

struct anchors {
	struct anchor *items; /* sorted by signer, then fingerprint */
	size_t n;
};

/*
 * Where the anchors are: below the root of anchors_use_root(), $BPFSIGN_KEYS_DIRECTORY, or
 * /etc/bpfsign/keys.d.
 */
const char *anchors_directory(void);

/* From now on, for the whole process, those of the system below root: of an image. 0 or -ENOMEM. */
int anchors_use_root(const char *root);

/* May a signer be called so? A program's name that does not begin with '.'. */
bool anchors_name_is_valid(const char *signer);

/*
 * Every anchor on disk; a directory that does not exist is an empty list. A file that cannot be
 * read or parsed is an error that names it.
 */
int anchors_load(struct anchors *ret, struct diag *reterr);
void anchors_done(struct anchors *anchors);
#define _cleanup_anchors_ _cleanup_(anchors_done)

/* The name of the control signer, or NULL. */
const char *anchors_control(const struct anchors *anchors);

/*
 * The certificates alone, for claim_verify(), in the same order; free() it, not what it points
 * to. NULL without memory.
 */
X509 **anchors_certificates(const struct anchors *anchors);

/* The signer's anchor of the same public key, or NULL. */
const struct anchor *anchors_find_key(
	const struct anchors *anchors, const char *signer, X509 *certificate);

/* The certificates of a signer that are not this one. */
size_t anchors_count_others(const struct anchors *anchors, const char *signer, X509 *certificate);

/* The marks of a signer, 0 where it has no anchor. */
unsigned anchors_marks(const struct anchors *anchors, const char *signer);

/* DIR/SIGNER/FINGERPRINT.pem of a certificate, whether it is there or not. Heap, or NULL. */
char *anchors_path(const char *signer, X509 *certificate);

/* Would anchors_add() refuse this signer? 0, -EINVAL for its name, -EEXIST as below. */
int anchors_check(const char *signer, unsigned marks, struct diag *reterr);

/*
 * Adds a certificate (idempotent) and marks (enum anchor_mark; those that it has stay, but not
 * where the signer has no certificate any more); atomic, the marks first. -EEXIST when another
 * signer is control already.
 */
int anchors_add(const char *signer, X509 *certificate, unsigned marks, struct diag *reterr);

/* Removes one certificate of a signer, in one step; one that is gone already is fine. */
int anchors_remove_one(const struct anchor *anchor, struct diag *reterr);

/* Removes every certificate of a signer, in one step; -ENOENT when there is none. */
int anchors_remove(const char *signer, struct diag *reterr);
