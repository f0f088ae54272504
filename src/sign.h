/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signing one file of `bpfsign sign`, and saying what became of it. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "diag.h"
#include "keyring/key.h"
#include "select.h"
#include "work.h"

/* What can become of a file, as outcome->kind. */
enum sign_result { SIGN_SIGNED, SIGN_ALREADY, SIGN_WOULD, SIGN_FAILED, SIGN_PASSED_OVER };
extern const char *const sign_results[]; /* "signed", …; ends with NULL */

/* What the command line asks for. */
struct sign {
	const char *key_uri, *certificate_path, *name;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	unsigned routes;   /* a bit for each place in signers[] */
	bool has_sequence, libraries, force, dry_run, use_json;
	uint64_t sequence; /* of the command line, or the time */
	struct selection selection;
	struct key key;
	bool is_token;        /* the key is one that signs one thing after another */
	pthread_mutex_t turn; /* whose turn it is then */
};

/* Signs the selection's target unless that is so already; what is to be printed goes into outcome. */
void sign_target(struct sign *sign, size_t item, struct outcome *outcome);
