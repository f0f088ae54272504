/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign enroll`: one certificate, and the report about it. */

#include <stdbool.h>

#include "src/trust/trust.h"

/* What the command line asks for. */
struct enroll_options {
	const char *uri;    /* NULL with --all */
	const char *signer; /* --signer, or NULL */
	const char *order;  /* path, or NULL */
	const char *root;   /* of an image, whose disk alone is changed; NULL: this system */
	unsigned marks;     /* --control, --ima, --fsverity */
	bool add, all, dry_run, json;
};

/* One certificate. */
struct enroll {
	const struct enroll_options *options;
	char signer[BS_NAME_SIZE];
	bool made;     /* the certificate is new, made from the key */
	size_t others; /* certificates that the signer has beside it */
	struct trust trust;
};

/*
 * The line, or the object, about the certificate. With --dry-run also the changes to be made: disk,
 * rings, key, timeout, marks.
 */
void enroll_report(const struct enroll *enroll);

/*
 * Warns an administrator when IMA's keyring is not pinned. False: IMA does not use our ring.
 */
bool enroll_report_rings(const struct trust_rings *rings);
