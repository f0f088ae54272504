/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "bpf/contract/abi.h"

/*
 * What of a file was in memory before it was sealed must go, so that it can be used at once. Where
 * it does not, it is signed all the same: a warning on out.
 */
void settle_file(const char *path, int fd, bool was_sealed, enum bs_role role, FILE *out);
