/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between apply_layer.c and apply_layer_open.c only. */

#include <sys/stat.h>

#include "src/apply/apply.h"

/* How many names of one file are in the layers: hard links. */
struct layer_names {
	dev_t device;
	ino_t inode;
	size_t n;
	bool taken; /* by a first name: the file has its entry */
};

#define LAYER_LINK_SIZE 32

/* What leads to the file of a descriptor, also of one that reads nothing (O_PATH). */
void layer_link(int fd, char link[LAYER_LINK_SIZE]);

/* As layer_open(), but *ret_fd is O_PATH: the file is not opened. */
int layer_find(const struct target *target, int *ret_fd, struct diag *reterr);

/* One more name, of a file that has several; -ENOMEM. After the last: layers_count_names(). */
int layers_add_name(struct layers *layers, const struct stat *st);
void layers_count_names(struct layers *layers);

/* NULL for a file with one name only. */
struct layer_names *layers_find_names(const struct layers *layers, const struct stat *st);
