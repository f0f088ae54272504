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
#include "keyring/openssl.h"
#include "src/base/base.h"
#include "src/base/diag.h"

#define SIGNERS 4 /* routes in signers[] */

/* The digests of a file that are signed. */
struct digests {
	uint8_t verity[BS_DIGEST_SIZE]; /* fs-verity, SHA-256 */
	uint8_t content[SHA256_SIZE];   /* plain SHA-256, for routes that need it */
};

/* A claim to be signed, and the key. */
struct sign_request {
	const char *path; /* for messages */
	/* open for reading, position not used; -EBADF where no file is at hand */
	int fd;
	struct claim claim; /* digest already filled in, as in digests */
	struct digests digests;
	EVP_PKEY *key;
	X509 *certificate;
	unsigned routes; /* a bit for each slot of signers[] */
	bool unchecked;  /* the signature is checked when it is applied */
};

struct signer {
	const char *name; /* "claim" */
	const char *doc;

	const char *slot;   /* routes with the same exclude each other; NULL: a slot of its own */
	bool needs_content; /* signs digests.content, not digests.verity */
	bool needs_seal;    /* means nothing on a file that is not sealed: a policy */

	/* The kernel takes it when fs-verity is enabled, and never later: there is no apply(). */
	bool is_sealed_in;

	/* Makes the signature without touching the file. */
	int (*sign)(const struct sign_request *request, struct bytes *ret, struct diag *reterr);

	/*
	 * Is this a signature over these bytes by one of the certificates, whose index goes
	 * to *ret_index? -EBADMSG when it is malformed, -ENOKEY when no certificate made it,
	 * -EKEYREJECTED when it does not verify, -ESTALE when it is for other bytes, -EOPNOTSUPP
	 * when it is of a kind that we cannot check.
	 */
	int (*check)(const struct bytes *signature, const struct digests *digests,
		X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr);

	/* Puts a signature onto the file in one step: a crash leaves the old or the new one. */
	int (*apply)(const char *path, int fd, const struct bytes *signature, struct diag *reterr);

	/* The signature as it is on the file; -ENODATA without one, -EBADMSG when oversized. */
	int (*read)(const char *path, int fd, struct bytes *ret, struct diag *reterr);
};

extern const struct signer signer_claim, signer_ima, signer_ima_file, signer_builtin;
extern const struct signer *const signers[SIGNERS + 1]; /* ends with NULL */

/* Its slot in signers[], or -ENOENT. */
int signer_find(const char *name);

/*
 * "ima,builtin" to bits of the slots of signers[]; the claim is always among them. -EINVAL
 * for an unknown name or two that exclude each other.
 */
int signer_parse(const char *names, unsigned *ret, struct diag *reterr);

/* A policy is edited and read by content; everything else is sealed. */
bool signer_seals(enum bs_role role);

/* Can these routes sign a file in this role? -EINVAL when not. */
int signer_suit(unsigned routes, enum bs_role role, struct diag *reterr);

/*
 * The digests of an open file that these routes need, and whether it is sealed. The errors of
 * verity_digest() and content_digest().
 */
int signer_digests(
	int fd, unsigned routes, struct digests *ret, bool *ret_sealed, struct diag *reterr);

/*
 * The file's claim, checked against the anchors. 0 and the claim; -ENODATA without a claim,
 * else the errors of claim_parse() and claim_verify(), and -ESTALE when a good claim is for other
 * bytes than digest.
 */
int signer_read_claim(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr);

/* The same of a claim that was read elsewhere: never -ENODATA. */
int signer_check_claim(const struct bytes *value, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct claim *ret, const struct anchor **ret_anchor,
	struct diag *reterr);
