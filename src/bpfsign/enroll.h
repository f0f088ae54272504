/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One certificate to enroll, as `enroll` has it from the command line, and saying what becomes of
 * it.
 */

#include <stdbool.h>

#include "src/trust/trust.h"

struct enroll {
	const char *uri;    /* NULL with --all */
	const char *option; /* --signer */
	const char *order;  /* path, or NULL */
	const char *root;   /* of an image, whose disk alone is changed; NULL: this system */
	unsigned marks;     /* --control, --ima, --fsverity */
	bool all, dry_run, json;
	char signer[BS_NAME_SIZE];
	bool made; /* the certificate is new, made from the key */
	struct trust trust;
};

/*
 * The line, or the object, of what was enrolled. With --dry-run also what would change: disk,
 * rings, key, timeout, marks.
 */
void enroll_report(const struct enroll *enroll);

/*
 * Warns an administrator when IMA's keyring is not pinned. False: IMA does not use our ring.
 */
bool enroll_report_rings(const struct trust_rings *rings);
