/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The other files that a program needs to run: its loader and shared libraries, and those of its
 * interpreter when it is a script. For `sign --libraries`.
 */

#include <stddef.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"

struct need {
	char *path; /* as realpath(3) has it */
	enum bs_role role;
};

struct needs {
	struct need *items; /* each path once */
	size_t n;
};

void needs_done(struct needs *needs); /* frees the contents; safe on { 0 } */

/*
 * Adds the needs of the program at path, all or nothing; nothing for a program that is linked
 * statically, for a library, and for any other file. Asks the program's own loader (`ld.so --list`,
 * as ldd(1) does), but only one below /lib* that only root can write: -EPERM for others.
 * -ENOEXEC when the loader refuses, -ELOOP for interpreters of interpreters without end, -EINVAL
 * for a file that cannot be read as a program, -errno of open(2) and realpath(3), -ENOMEM.
 */
int needs_add(struct needs *needs, const char *path, struct diag *reterr);

/* Adds the libraries of what `ld.so --list` printed about path. */
int needs_read_list(struct needs *needs, const char *path, const char *list, struct diag *reterr);
