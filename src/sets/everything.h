/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The parts of `sign --all` and `verify --all`: one set of /etc/bpfsign/sign.d. */

#include "src/sets/sets.h"
#include "src/sign/sign.h"
#include "src/sign/verify.h"

/*
 * Signs the files of a set with its key, or applies its manifest; asked is the command line, whose
 * options count for all sets. *ret_status is the enum exit_status of the files; -errno when the set
 * as a whole cannot be signed. -EPERM: its key is on this machine, and neither the set nor
 * root_may_sign permits that.
 */
int sets_sign(const struct sign_options *asked, bool root_may_sign, const struct set *set,
	int *ret_status, struct diag *reterr);

/* Verifies the files of a set, by the anchors and the options of asked. */
int sets_verify(
	const struct verifying *asked, const struct set *set, int *ret_status, struct diag *reterr);
