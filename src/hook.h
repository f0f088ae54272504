/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What package managers call after a transaction: signatures onto what changed, nothing about what vanished, and one line
 * about what could not be done. Never part of the decision, and never entitled to anything: so it runs when half of the system is new.
 */

#include "cmd.h"
#include "unsigned.h"

#define HOOK_MANIFESTS "/usr/share/bpfsign/manifests"

/* Paths of manifests, each with what is to be said of it. */
struct hook_paths {
	struct hook_path {
		char *path, *why; /* owned */
	} *items;
	size_t n;
};

struct hook {
	const char *root;      /* "": this system */
	const char *manager;   /* for messages */
	bool is_image;	       /* not the running system: --root, or in a chroot */
	bool everything;       /* whatever changed: all manifests */
	char **changed;	       /* otherwise: paths without leading slashes, sorted; owned */
	size_t n_changed;
	size_t applied;	       /* files that got signatures */
	size_t unsealable;     /* files on a file system without fs-verity */
	struct unsigned_files failures;
	struct unsigned_files before; /* what the last run could not sign */
	struct hook_paths right;  /* one manifest has their bytes: kept where one has not */
	struct hook_paths doubts; /* one manifest has other bytes */
};

void hook_done(struct hook *hook); /* safe on { 0 } */

/* Reads what changed from standard input, each path ended by this byte; 0 or -errno. */
int hook_read_changed(struct hook *hook, char end);

/* Is there anything to do here at all: a signer, or a set of the administrator's? */
bool hook_is_set_up(const struct hook *hook);

/* The manifests of packages; then, of the running system, the sets of sign.d. */
void hook_manifests(struct hook *hook);
void hook_sets(struct hook *hook);

void hook_paths_done(struct hook_paths *paths);
void hook_paths_add(struct hook_paths *paths, const char *path, const char *why); /* copies; without memory it is left out */

bool hook_paths_has(const struct hook_paths *paths, const char *path);

/* After all manifests: of the doubts, those become failures of which no manifest, and no signature on the file, is right. */
void hook_doubts(struct hook *hook);

/* The lines, the log, the list for `status`, and what an image must do at its first boot. */
void hook_report(struct hook *hook);
