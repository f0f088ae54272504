/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signing one file of `bpfsign sign`, and saying what became of it. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"
#include "keyring/key.h"
#include "src/manifest/manifest.h"
#include "src/files/files.h"
#include "src/files/work.h"

/* What can become of a file, as outcome->kind. */
enum sign_result {
	SIGN_SIGNED,
	SIGN_ALREADY,
	SIGN_WOULD,
	SIGN_FAILED,
	SIGN_PASSED_OVER,
	SIGN_READ, /* its digest, for who signs elsewhere */
};
extern const char *const sign_results[]; /* "signed", …; ends with NULL */

/* What the command line asks for. */
struct sign {
	const char *key_uri, *certificate_path, *name;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	unsigned routes;   /* a bit for each place in signers[] */
	bool has_sequence, libraries, force, dry_run, use_json, all, root_may_sign;
	bool claims;       /* `digest`: with the claims that the files carry */
	uint64_t sequence; /* of the command line, or the time */
	struct selection selection;
	struct key key; /* none: `digest` */
	EVP_PKEY *
		/* of the private key, each worker's own; NULL: none yet */
		copies[WORK_JOBS_LIMIT];
	bool is_token;        /* the key is one that signs one thing after another */
	pthread_mutex_t turn; /* whose turn it is then */

	/* --manifest, --digests */
	const char *manifest_path, *digests_path; /* NULL: onto the files; from the selection */
	struct manifest former, digests;
	_Atomic size_t taken_over; /* files for which an entry of former is good */
	char **lines;              /* of the items that are done and not told yet */
	size_t n_lines;
	FILE *text_out; /* the manifest */
	char *text;
	size_t text_size, in_manifest;
};

/* Items to be signed, and what is printed of each. */
size_t sign_count(const struct sign *sign);
const char *sign_path(const struct sign *sign, size_t item);

/* Signs one item unless that is so already; what is to be printed goes into outcome. */
void sign_target(struct sign *sign, size_t item, struct outcome *outcome);

/* All items, told by their lines; verb is for the line of progress. enum exit_status. */
int sign_all(struct sign *sign, const char *verb);
int sign_into_manifest(struct sign *sign, const char *verb); /* and then the manifest */

/* The key, its certificate, and whether it is a token's. */
int sign_load_key(struct sign *sign, struct diag *reterr);

void sign_done(struct sign *sign);
