/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is kept in /var/lib/bpfsign, of this system or of one below a root. */

#include "src/base/base.h"
#include "src/base/diag.h"

#define STATE_DIRECTORY "/var/lib/bpfsign"

/*
 * Opens that directory (O_RDONLY), below a root ("": of this system); make: makes what is missing
 * of it. Below a root no symbolic link is followed: whoever made the tree would else choose the
 * files that are written, or removed, beside it. An fd, -ENOENT, -ELOOP for a link, or -errno of
 * open(2) and mkdir(2).
 */
int state_open(const char *root, bool make, struct diag *reterr);
