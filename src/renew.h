/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A file that was in use when it was sealed, replaced by a copy that nobody has seen. */

#include "manifest.h"

/*
 * Is this file, just sealed, not usable as signed, since something holds pages of it that were read before? As settle_file(),
 * a library counts while enforcement is on only.
 */
bool renew_is_needed(const char *path, const struct manifest_entry *entry);

/*
 * Puts a copy in its place, with the same owner, mode, times and attributes: signed and sealed before anybody can open it, so
 * that whoever opens it from now on has the sealed one. Atomic, as a package manager's own replacing is. -EMLINK where the file
 * has other names; -ESTALE where the copy has other bytes than were signed.
 */
int renew_file(const char *path, const struct manifest_entry *entry, struct diag *reterr);
