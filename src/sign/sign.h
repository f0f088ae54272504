/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign sign` and `bpfsign digest`: files are signed, or listed in a manifest. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "keyring/key.h"
#include "src/base/diag.h"
#include "src/files/files.h"
#include "src/files/work.h"
#include "src/manifest/manifest.h"

/* The result of a file, as outcome->kind. */
enum sign_result {
	SIGN_SIGNED,
	SIGN_ALREADY,
	SIGN_WOULD,
	SIGN_FAILED,
	SIGN_PASSED_OVER,
	SIGN_READ, /* its digest, for a signer elsewhere */
};
extern const char *const sign_results[]; /* "signed", …; ends with NULL */

/* What the command line, or a set, asks for. */
struct sign_options {
	const char *key_uri, *certificate_path, *name;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	unsigned routes;   /* a bit for each slot of signers[] */
	bool has_sequence, force, dry_run, use_json;
	bool claims;                              /* `digest`: with the claims of the files */
	uint64_t sequence;                        /* of the command line, or the time */
	const char *manifest_path, *digests_path; /* NULL: onto the files; from the selection */
	struct select_options select;
	/* Takes remarks about the whole run; NULL: there are none. */
	void (*notice)(const struct diag *notice);
};

/* One run. */
struct signing {
	const struct sign_options *options;
	struct selection selection;
	struct key key;                    /* none: `digest` */
	EVP_PKEY *copies[WORK_JOBS_LIMIT]; /* of the private key, one a worker; NULL: none yet */
	bool is_token;                     /* the key signs one thing after another */
	pthread_mutex_t turn;              /* held by the worker that uses it then */

	/* --manifest, --digests */
	struct manifest former, digests;
	_Atomic size_t taken_over; /* files for which an entry of former is good */
	char **lines;              /* of the items that are done and not in text yet */
	size_t n_lines;
	FILE *text_out; /* the manifest */
	char *text;
	size_t text_size, in_manifest;
};

#define SIGNING_INIT(sign_options)                                                                 \
	{                                                                                          \
		.options = (sign_options), .selection = SELECTION_INIT(&(sign_options)->select),   \
		.turn = PTHREAD_MUTEX_INITIALIZER                                                  \
	}
void sign_done(struct signing *signing);

/* The key, its certificate, and whether it is a token's. */
int sign_load_key(struct signing *signing, struct diag *reterr);

/* All items, one line each; verb is for the line of progress. enum exit_status. */
int sign_all(struct signing *signing, const char *verb);

/* The same, and then the manifest; -errno when that cannot be read or written. */
int sign_into_manifest(
	struct signing *signing, const char *verb, int *ret_status, struct diag *reterr);
