/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign sign --manifest OUT`, also from `--digests FILE`. */

#include "src/sign/internal.h"

/* Reads OUT, if it is there, and FILE. The errors of manifest_load(). */
int sign_manifest_begin(struct signing *signing, struct diag *reterr);

/* For a file whose request is filled in: a line of the manifest, the file is not changed. */
int sign_manifest_add(struct sign_item *item, struct diag *reterr);

/*
 * The line of a file with the claim that it carries; -ENODATA without one, -ESTALE when it is for
 * other bytes.
 */
int sign_manifest_collect(struct sign_item *item, struct diag *reterr);

/* Fills in the request of an entry of --digests. */
int sign_manifest_request(struct sign_item *item, struct diag *reterr);

/* Takes the line of an item that is done, in the order of the items. */
void sign_manifest_take(struct signing *signing, size_t index);

/* Writes OUT, atomically. */
int sign_manifest_end(struct signing *signing, struct diag *reterr);

void sign_manifest_done(struct signing *signing);
