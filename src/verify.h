/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What `bpfsign verify` says of one file. */

#include <stdbool.h>

#include "bpf/abi.h"
#include "json.h"
#include "keyring/anchors.h"

/* What the command line asks for, and whom to trust. */
struct verify {
	enum bs_role role; /* BS_ROLE_NONE: any */
	bool use_json;
	struct json json;
	struct anchors anchors;
};

/* Verifies every signature that the file carries, and prints what came out; enum exit_status. */
int verify_file(struct verify *verify, const char *path);
