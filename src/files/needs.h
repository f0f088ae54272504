/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a program needs beside itself to run at all: its loader and shared libraries, and those
 * of its interpreter when it is a script. For `sign --libraries`.
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
 * Adds what the program at path needs, all or nothing; nothing for one that is linked statically, a
 * library, or no program at all. Asks its own loader (`ld.so --list`, which is what ldd(1) does),
 * but only one that stands in /lib*, that root owns and nobody else can write: -EPERM for others.
 * -ENOEXEC when the loader refuses, -ELOOP for interpreters of interpreters without end, -EINVAL
 * for what cannot be read as a program, -errno of open(2) and realpath(3), -ENOMEM.
 */
int needs_add(struct needs *needs, const char *path, struct diag *reterr);

/* Adds the libraries of what `ld.so --list` printed about path. */
int needs_read_list(struct needs *needs, const char *path, const char *list, struct diag *reterr);
