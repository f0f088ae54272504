/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "src/files/files.h"

/*
 * Adds every regular file below the directory fd, which is printed as path, in the order of the
 * names' bytes. Directories that cannot be read become targets with an error. -ENOMEM.
 */
int walk_directory(struct selection *selection, const char *path, int fd);
