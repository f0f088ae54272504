/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between sign.c and sign_manifest.c only. */

#include "plugins/sign/signer.h"
#include "src/sign/sign.h"

/* One file that is being signed. */
struct signing {
	struct sign *sign;
	const struct target *target;
	size_t item;
	struct outcome *outcome;
	struct sign_request request;
	bool sealed; /* before */
};

/* The line or object about one file. */
void sign_report(struct signing *signing, enum sign_result result, const struct claim *claim);

/* signatures_make(), with a token's key one after another. */
int sign_make(struct signing *signing, struct signatures *ret, struct diag *reterr);

/* For a file whose request is filled in: into the manifest instead of onto the file. */
int sign_for_manifest(struct signing *signing, struct diag *reterr);

/*
 * The line of a file with the claim that it carries; -ENODATA without one, -ESTALE when it is for
 * other bytes.
 */
int sign_collect(struct signing *signing, struct diag *reterr);

/* The request of an entry of --digests. */
int sign_entry(struct signing *signing, struct diag *reterr);
