/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"

#define SETTLE_WARNING "signed, but not usable until it has left the memory:"

/*
 * Drops the pages of a file that were cached before it was sealed, so that it can be used at once.
 * -EBUSY and other errors of verity_settle() when they stay and a warning is due; the file is
 * signed all the same.
 */
int settle_file(const char *path, int fd, bool was_sealed, enum bs_role role, struct diag *reterr);
