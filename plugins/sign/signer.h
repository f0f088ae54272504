/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A signing route: how a signature gets onto a file and how it is read back. One file
 * each, ending in `const struct signer signer_X = { … }`, and one line in signers[]
 * (signer.c). Compiled in, never loaded: it is in the trusted computing base.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keyring/anchors.h"
#include "keyring/claim.h"
#include "src/diag.h"

/* What is to be said of a file, and with which key. */
struct sign_request {
	const char *path;   /* for messages */
	int fd;             /* open for reading; position is not used */
	struct claim claim; /* digest already filled in */
	EVP_PKEY *key;
	X509 *certificate;
};

struct signer {
	const char *name; /* "claim" */
	const char *doc;

	/* Makes the signature without touching the file. */
	int (*sign)(const struct sign_request *request, struct bytes *ret, struct diag *reterr);

	/* Puts a signature onto the file in one step: a crash leaves the old or the new one. */
	int (*apply)(const char *path, int fd, const struct bytes *signature, struct diag *reterr);

	/*
	 * Reads the file's signature and checks it against the anchors. 0 with what it says;
	 * -ENODATA without a signature, else the errors of claim_parse() and claim_verify(),
	 * and -ESTALE when a good claim is for other bytes than digest.
	 */
	int (*verify)(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
		const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
		struct diag *reterr);
};

extern const struct signer signer_claim;
extern const struct signer *const signers[]; /* ends with NULL */
const struct signer *signer_find(const char *name);

/*
 * One file, by one route, so that a crash at any point leaves its content and a former
 * signature as they were: make the signature, check it against the certificate, then enable
 * fs-verity (but not for a policy, which stays editable), see that the kernel's digest is
 * the one that was signed, and only then apply.
 */
int signer_run(
	const struct signer *signer, const struct sign_request *request, struct diag *reterr);

/*
 * Does the file already carry what this request would put there, whatever the sequence, sealed
 * unless it is a policy? Then *ret is the claim that it has.
 */
bool signer_is_current(
	const struct signer *signer, const struct sign_request *request, struct claim *ret);
