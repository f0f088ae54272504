/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The sets of files that this machine signs repeatedly: *.conf in /etc/bpfsign/sign.d (or
 * $BPFSIGN_SIGN_DIRECTORY), each one set in YAML. A set is either a manifest, which was signed
 * elsewhere, or a key and the files that it signs.
 */

#include <stdbool.h>
#include <stddef.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"
#include "src/base/diag.h"

#define SET_PATHS 64 /* at most in one list */

struct path_list {
	char *items[SET_PATHS + 1]; /* owned; ends with NULL */
	size_t n;
};

struct set {
	char *file; /* the .conf; all texts are owned */
	unsigned version;
	char *manifest;                         /* or: */
	char *key, *certificate, *name, *kinds; /* kinds: as `--with` takes them, or NULL */
	enum bs_role role;                      /* BS_ROLE_NONE: by content */
	bool programs, root_may_sign;
	struct path_list paths, include, exclude;
};

struct sets {
	struct set *items; /* in the order of the files' names */
	size_t n;
};

void sets_done(struct sets *sets); /* safe on { 0 } */
#define _cleanup_sets_ _cleanup_(sets_done)

/*
 * All sets; a directory that does not exist has none. -EINVAL with file, line and column for an
 * error in one, -EPERM for one that users other than its reader or root may write.
 */
int sets_load(struct sets *ret, struct diag *reterr);

/* One of them, from its text. */
int set_parse(
	const char *file, const void *text, size_t size, struct set *ret, struct diag *reterr);
void set_done(struct set *set);

const char *sets_directory(void);
