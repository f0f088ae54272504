/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Walking the kernel's keyrings, shared within keyring/. */

#include <stdbool.h>

#include "keyring/keyring.h"

/* Is this key a keyring, of this very name? Its description is TYPE;UID;GID;PERMISSIONS;NAME. */
bool is_ring(key_serial_t serial, const char *name);

/*
 * A ring of this name that is linked in another: 0, or -ENOENT. A direct child only: keyctl_search() would descend
 * into rings that others have linked in.
 */
int find_child(key_serial_t parent, const char *name, key_serial_t *ret);

/* The same in the user keyring that holds all of ours. */
int find_in_holder(const char *name, key_serial_t *ret);

int list_append(struct keyring_list *list, const key_serial_t *serials, size_t n);

/* Appends everything that is linked in a ring; nothing is in what is none. */
int list_children(struct keyring_list *list, key_serial_t ring);
