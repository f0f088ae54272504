/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What `bpfsign verify` says of one file. */

#include <stdbool.h>

#include "bpf/contract/abi.h"
#include "keyring/anchors.h"
#include "src/files/files.h"
#include "src/files/work.h"

/* What came out, as outcome->kind. */
enum verify_result { VERIFY_GOOD, VERIFY_NOT_GOOD, VERIFY_UNKNOWN, VERIFY_PASSED_OVER };
extern const char *const verify_results[]; /* "good", …; ends with NULL */

/* What the command line asks for, and whom to trust. */
struct verify {
	enum bs_role role; /* BS_ROLE_NONE: any */
	bool use_json;
	struct selection selection;
	struct anchors anchors;
	X509 **certificates; /* the anchors', in the same order */
};

/* Verifies every signature that the selection's target carries, and tells outcome what came out. */
void verify_target(struct verify *verify, size_t item, struct outcome *outcome);

/* All targets of the selection, told by their lines; enum exit_status. */
int verify_all(struct verify *verify);
