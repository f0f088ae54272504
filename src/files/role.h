/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The role of a file by its content, where the command line of `sign` gives none. */

#include <stdbool.h>

#include "bpf/contract/abi.h"

/*
 * A program (ELF, or "#!") is an executable, a shared object a library, anything else
 * (BPF objects, templates, configuration) collateral. 0 or -errno of pread(2).
 */
int role_guess(int fd, enum bs_role *ret);

/* Is it an ELF file or a script? 0 or -errno of pread(2). */
int role_is_program(int fd, bool *ret);
