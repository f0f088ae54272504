/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The files that the last run of bpfsign-hook could not sign: kept for `status`, in
 * /var/lib/bpfsign/unsigned, a line for each: the file, a tab, the reason; both escaped.
 */

#include <stddef.h>

#include "src/base/base.h"
#include "src/base/diag.h"

struct unsigned_file {
	char *what, *why; /* escaped for a terminal; owned */
};

struct unsigned_files {
	struct unsigned_file *items;
	size_t n;
};

void unsigned_done(struct unsigned_files *files); /* safe on { 0 } */
#define _cleanup_unsigned_ _cleanup_(unsigned_done)

/* One more; both texts are copied. Without memory it is left out. */
void unsigned_add(struct unsigned_files *files, const char *what, const char *why);

/* Of the system below root ("": this one); nothing where there is no list, or it can't be read. */
void unsigned_load(const char *root, struct unsigned_files *ret);

/* Replaces the list; an empty one is removed. 0 or -errno. */
int unsigned_save(const char *root, const struct unsigned_files *files, struct diag *reterr);
