/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between select.c, walk.c and apply_layer.c only. */

#include "src/files/files.h"

/* Adds a target and takes its path; -ENOMEM leaves it with the caller. */
int selection_add(struct selection *selection, const struct target *target);

/* Do --include and --exclude let a file of this path through? */
bool selection_wants(const struct selection *selection, const char *path);

/*
 * Adds every regular file below the directory fd, which is printed as path, in the order of the
 * names' bytes. Directories that cannot be read become targets with an error. -ENOMEM.
 */
int walk_directory(struct selection *selection, const char *path, int fd);
