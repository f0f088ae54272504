/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Called by package managers after a transaction: applies signatures to the files that changed, and
 * reports on one line the files that could not be signed. It takes no part in the enforcement's
 * decisions and needs no entitlement, so it runs while half of the system is new.
 */

#include "src/command/command.h"
#include "src/manifest/manifest.h"
#include "src/status/unsigned.h"

#define TRANSACTION_APPLIED "applied"

struct transaction {
	const char *root;    /* "": this system */
	int root_fd;         /* of it, or of "/"; O_PATH */
	const char *manager; /* for messages */
	bool is_image;       /* not the running system: --root, or in a chroot */
	bool everything;     /* all manifests, not only those of changed files */
	char **changed;      /* else: paths without leading slashes, sorted; owned */
	size_t n_changed;
	/* files that agree with a manifest; why is TRANSACTION_APPLIED for those just signed */
	struct unsigned_files good;
	size_t applied;               /* files that got signatures */
	size_t unsealable;            /* files on a file system without fs-verity */
	struct unsigned_files before; /* files that the last run could not sign */
	struct unsigned_files failures;
};

void transaction_done(struct transaction *transaction); /* safe where root_fd is -EBADF */

/* Reads the changed paths from standard input, each ended by this byte; 0 or -errno. */
int transaction_read_changed(struct transaction *transaction, char end);

/* Is there any signer, or any set of the administrator? */
bool transaction_is_set_up(const struct transaction *transaction);

/*
 * Does a changed file matter: a manifest of a package, a file listed in one, or a file that could
 * not be signed the last time?
 */
bool transaction_is_concerned(struct transaction *transaction);

/* The manifests of packages; then, of the running system, the sets of sign.d. */
void transaction_manifests(struct transaction *transaction);
void transaction_sets(struct transaction *transaction);

/*
 * Makes a file that was just signed usable under enforcement: drops its cached pages, or replaces
 * it by a sealed copy where it is in use. 0, or -errno when only the next boot makes it usable.
 */
int transaction_settle(const struct transaction *transaction, const struct manifest_entry *entry,
	struct diag *reterr);

/*
 * Executes PID 1 again, where it runs with a library that was not signed when it began and lost its
 * rights by that (`libraries: revoke`). Does nothing where its memory cannot be examined: then it
 * has its rights.
 */
void transaction_restore_init(const struct transaction *transaction);

/*
 * Several manifests may list one file: it counts as signed when one of them agrees with it, and
 * else is reported once.
 */
void transaction_agree(struct transaction *transaction);

/* The lines, the log, the list for `status`, and the task for an image's first boot. */
void transaction_report(struct transaction *transaction);
