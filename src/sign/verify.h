/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign verify`: every signature of a file against the anchors on disk. */

#include <stdbool.h>

#include "bpf/contract/abi.h"
#include "keyring/anchors.h"
#include "plugins/sign/signer.h"
#include "src/files/files.h"
#include "src/files/work.h"

/* The result of a file, as outcome->kind. */
enum verify_result { VERIFY_GOOD, VERIFY_NOT_GOOD, VERIFY_UNKNOWN, VERIFY_PASSED_OVER };
extern const char *const verify_results[]; /* "good", …; ends with NULL */

/* The answer about one signature. */
enum verify_verdict {
	VERIFY_SIGNED,
	VERIFY_UNSIGNED,
	VERIFY_NO_CLAIM,
	VERIFY_BAD_CLAIM,
	VERIFY_ALTERED,
	VERIFY_UNKNOWN_KEY,
	VERIFY_BAD_SIGNATURE,
	VERIFY_WRONG_ROLE,
	VERIFY_NOT_SEALED,
	VERIFY_EXPIRED_KEY,
	VERIFY_NO_ANSWER, /* it could not be found out */
};
const char *verify_word(enum verify_verdict verdict); /* "unknown-key" */

/* The reason with which the kernel would deny; BS_REASON_END where it has none. */
enum bs_reason verify_reason(enum verify_verdict verdict);

/* A signature beside the claim. */
struct verify_signature {
	bool present;
	enum verify_verdict verdict;
	const struct anchor *anchor; /* its signer's; NULL: not known */
	struct diag diag;
};

/* The answers about one file. */
struct verify_finding {
	const char *path;
	struct verify_signature others[SIGNERS]; /* by the slot of the route in signers[] */
	enum verify_verdict verdict;             /* about the claim */
	bool sealed, has_digest;
	struct digests digests;
	const struct anchor *anchor; /* NULL: no good claim; else claim is set too */
	struct claim claim;
	struct diag diag; /* the sentence, for any answer but VERIFY_SIGNED */
};

/* What the command line asks for. */
struct verify_options {
	enum bs_role role; /* BS_ROLE_NONE: any */
	bool use_json;
	struct select_options select;
	/* Writes a line or an object to the outcome's streams. */
	void (*report)(
		const struct verify_finding *finding, bool use_json, struct outcome *outcome);
};

/* One run. */
struct verifying {
	const struct verify_options *options;
	struct selection selection;
	struct anchors anchors;
	X509 **certificates; /* the anchors', in the same order */
};

#define VERIFYING_INIT(verify_options)                                                             \
	{                                                                                          \
		.options = (verify_options),                                                       \
		.selection = SELECTION_INIT(&(verify_options)->select)                             \
	}

/* Loads the anchors. */
int verify_begin(struct verifying *verifying, struct diag *reterr);
void verify_done(struct verifying *verifying);

/* All targets of the selection; enum exit_status. */
int verify_all(struct verifying *verifying);
