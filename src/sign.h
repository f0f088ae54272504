/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signing one file of `bpfsign sign`, and saying what became of it. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "diag.h"
#include "json.h"
#include "keyring/key.h"
#include "needs.h"

/* What the command line asks for. */
struct sign {
	const char *key_uri, *certificate_path, *name;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	unsigned routes;   /* a bit for each place in signers[] */
	bool has_sequence, libraries, force, dry_run, use_json;
	uint64_t sequence;
	struct key key;
	struct needs needs; /* of `--libraries` */
	struct json json;
};

/* One file to sign. */
struct target {
	const char *path;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	bool needed;       /* not named on the command line, but needed by what is */
};

/* Signs it unless that is so already, and prints the line or object; enum exit_status. */
int sign_target(struct sign *sign, const struct target *target);

/* Prints why not. */
void sign_report_failure(struct sign *sign, const char *path, const struct diag *diag);
