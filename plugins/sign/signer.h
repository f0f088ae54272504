/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A signing route: how a signature is made, gets onto a file and is read back. One file
 * each, ending in `const struct signer signer_X = { … }`, and one line in signers[]
 * (signer.c). Compiled in, never loaded: it is in the trusted computing base.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keyring/anchors.h"
#include "keyring/claim.h"
#include "src/diag.h"

#define SIGNERS 1 /* routes in signers[] */

/* What is to be said of a file, and with which key. */
struct sign_request {
	const char *path;   /* for messages */
	int fd;             /* open for reading, position not used; -EBADF where no file is at hand */
	struct claim claim; /* digest already filled in */
	EVP_PKEY *key;
	X509 *certificate;
	unsigned routes; /* a bit for each place in signers[] */
};

struct signer {
	const char *name; /* "claim" */
	const char *doc;

	/* The kernel takes it when fs-verity is enabled, and never later: there is no apply(). */
	bool is_sealed_in;

	/* Makes the signature without touching the file. */
	int (*sign)(const struct sign_request *request, struct bytes *ret, struct diag *reterr);

	/*
	 * Is this a signature over this digest by one of the certificates, whose place goes
	 * to *ret_index? -EBADMSG when it is malformed, -ENOKEY when no certificate made it,
	 * -EKEYREJECTED when it does not verify, -ESTALE when it is for other bytes.
	 */
	int (*check)(const struct bytes *signature, const uint8_t digest[BS_DIGEST_SIZE],
		X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr);

	/* Puts a signature onto the file in one step: a crash leaves the old or the new one. */
	int (*apply)(const char *path, int fd, const struct bytes *signature, struct diag *reterr);

	/* The signature as it is on the file; -ENODATA without one, -EBADMSG when oversized. */
	int (*read)(const char *path, int fd, struct bytes *ret, struct diag *reterr);
};

extern const struct signer signer_claim;
extern const struct signer *const signers[SIGNERS + 1]; /* ends with NULL */

/* Its place in signers[], or -ENOENT. */
int signer_find(const char *name);

/* The signatures of one file, by the place of their routes in signers[]; empty: none. */
struct signatures {
	struct bytes by_route[SIGNERS];
};
void signatures_done(struct signatures *signatures); /* safe on { 0 } */
#define _cleanup_signatures_ _cleanup_(signatures_done)

/* Makes those that the request asks for, and checks each against the certificate. */
int signatures_make(
	const struct sign_request *request, struct signatures *ret, struct diag *reterr);

/*
 * Puts them onto a file, so that a crash at any point leaves its content and a former signature
 * as they were: enables fs-verity (but not for a policy, which stays editable), sees that the
 * kernel's digest is the one that was signed, and only then applies the others. -ESTALE when it is
 * another.
 */
int signatures_apply(const char *path, int fd, const struct claim *claim,
	const struct signatures *signatures, struct diag *reterr);

/*
 * The file's claim, checked against the anchors. 0 with what it says; -ENODATA without a claim, else the
 * errors of claim_parse() and claim_verify(), and -ESTALE when a good claim is for other bytes
 * than digest.
 */
int claim_of_file(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr);

/*
 * Does the file already carry what this request would put there, by each of its routes, whatever
 * the sequence, sealed unless it is a policy? Then *ret is the claim that it has.
 */
bool signatures_are_current(const struct sign_request *request, struct claim *ret);
