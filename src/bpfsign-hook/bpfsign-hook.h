/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What package managers call after a transaction: signatures onto what changed, nothing about what
 * vanished, and one line about what could not be done. Never part of the decision, and never
 * entitled to anything: so it runs when half of the system is new.
 */

#include "src/command/command.h"
#include "src/manifest/manifest.h"
#include "src/status/unsigned.h"

#define TRANSACTION_APPLIED "applied"

struct transaction {
	const char *root;    /* "": this system */
	const char *manager; /* for messages */
	bool is_image;       /* not the running system: --root, or in a chroot */
	bool everything;     /* whatever changed */
	char **changed;      /* otherwise: paths without leading slashes, sorted; owned */
	size_t n_changed;
	/* files that some manifest found right, or made so: why is TRANSACTION_APPLIED */
	struct unsigned_files good;
	size_t applied;               /* files that got signatures */
	size_t unsealable;            /* files on a file system without fs-verity */
	struct unsigned_files before; /* what the last run could not sign */
	struct unsigned_files failures;
};

void transaction_done(struct transaction *transaction); /* safe on { 0 } */

/* Reads what changed from standard input, each path ended by this byte; 0 or -errno. */
int transaction_read_changed(struct transaction *transaction, char end);

/* Is there anything to do here at all: a signer, or a set of the administrator's? */
bool transaction_is_set_up(const struct transaction *transaction);

/*
 * Does what changed concern us: is it a manifest of a package, named by one, or what could not be
 * signed the last time?
 */
bool transaction_is_concerned(struct transaction *transaction);

/* The manifests of packages; then, of the running system, the sets of sign.d. */
void transaction_manifests(struct transaction *transaction);
void transaction_sets(struct transaction *transaction);

/*
 * While enforcement is on, sees to it that what was just signed can be used: out of the memory, or
 * replaced by a sealed copy where it is in use. 0, or -errno when it can be used after the next
 * boot only.
 */
int transaction_settle(const struct manifest_entry *entry, struct diag *reterr);

/*
 * PID 1 was executed with a library that was not signed yet, and lost its rights (`libraries:
 * revoke`): executes it again. Where it has them, nobody looks into its memory, and there is
 * nothing to do.
 */
void transaction_restore_init(const struct transaction *transaction);

/*
 * Several manifests may name one file: it is right when it is by one of them, and else told once.
 */
void transaction_agree(struct transaction *transaction);

/* The lines, the log, the list for `status`, and what an image must do at its first boot. */
void transaction_report(struct transaction *transaction);
