/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign sign --manifest OUT`, also from `--digests FILE`. */

#include "src/sign/sign.h"

/* Reads OUT, if it is there, and FILE. The errors of manifest_load(). */
int sign_manifest_begin(struct sign *sign, struct diag *reterr);

/* Takes the line of an item that is done, in the order of the items. */
void sign_manifest_take(struct sign *sign, size_t item);

/* Writes OUT, atomically. */
int sign_manifest_end(struct sign *sign, struct diag *reterr);

void sign_manifest_done(struct sign *sign);
