/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The signatures of one file, by all routes: made, put onto it, and compared. */

#include "plugins/sign/signer.h"

/* The signatures of one file, by the slot of their routes in signers[]; empty: none. */
struct signatures {
	struct bytes by_route[SIGNERS];
};
void signatures_done(struct signatures *signatures); /* safe on { 0 } */
#define _cleanup_signatures_ _cleanup_(signatures_done)

/*
 * Makes those that the request asks for, and checks each against the certificate, unless it is
 * unchecked. A signature that is sealed in already is not made again; -EEXIST when the file was
 * sealed without it.
 */
int signatures_make(
	const struct sign_request *request, struct signatures *ret, struct diag *reterr);

/*
 * Puts them onto a file, so that a crash at any point leaves its content and a former signature
 * as they were: enables fs-verity (but not for a policy, which stays editable) with the signature
 * that is sealed in, sees that the kernel's digest is the one that was signed, and only then
 * applies the others. -ESTALE when it is another, -EEXIST when the file was sealed with another
 * such signature or without.
 */
int signatures_apply(const char *path, int fd, const struct claim *claim,
	const struct signatures *signatures, struct diag *reterr);

/*
 * Does the file carry, beside the claim and by each of the request's routes, a good signature of
 * its certificate's key?
 */
bool signatures_are_beside(const struct sign_request *request);

/*
 * Does the file already carry the signatures of this request, by each of its routes and with any
 * sequence, sealed unless it is a policy? Then *ret is the claim that it has.
 */
bool signatures_are_current(const struct sign_request *request, struct claim *ret);
