/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is kept in /var/lib/bpfsign, of this system or of one below a root. */

#include "src/base/diag.h"

#define STATE_DIRECTORY "/var/lib/bpfsign"

/*
 * The path of a file there; the caller frees it. Below a root ("": this system) no symbolic link is
 * followed: whoever made the tree would else choose what is written, or removed, beside it.
 */
int state_path(const char *root, const char *file, char **ret, struct diag *reterr);

/* Makes the directory of such a path; 0 or -errno. */
int state_make(const char *path, struct diag *reterr);
