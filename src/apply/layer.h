/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One file of an unpacked layer, for layers.c and apply.c. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "src/apply/apply.h"

/* The number of names of one file in the layers: hard links. */
struct layer_names {
	dev_t device;
	ino_t inode;
	size_t n;
	bool taken; /* by a first name: the file has its entry */
};

#define LAYER_LINK_SIZE 32

/* The path to the file of a descriptor, also of one that was opened with O_PATH. */
void layer_link(int fd, char link[LAYER_LINK_SIZE]);

/*
 * As selection_open(), of a target in a layer: opened only when it is a regular file. -ENOENT when
 * it is not in this layer, as where there is a whiteout.
 */
int layer_open(const struct target *target, int *ret_fd, struct diag *reterr);

/*
 * A sparse file of terabytes takes no room on the disk, and would take hours to read: -EFBIG, or
 * -errno of fstat(2).
 */
int layer_check_size(const char *path, int fd, struct diag *reterr);

/* As layer_open(), but *ret_fd is O_PATH: the file is not opened. */
int layer_find(const struct target *target, int *ret_fd, struct diag *reterr);

/* One more name, of a file that has several; -ENOMEM. After the last: layer_count_names(). */
int layer_add_name(struct layers *layers, const struct stat *st);
void layer_count_names(struct layers *layers);

/* NULL for a file with one name only. */
struct layer_names *layer_find_names(const struct layers *layers, const struct stat *st);

/*
 * Are all names of an open file in these layers? -EMLINK when not: it would be sealed elsewhere
 * too.
 */
int layer_check_names(const struct layers *layers, const char *path, int fd, struct diag *reterr);
