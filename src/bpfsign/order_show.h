/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* Prints an order file, and whether an enrolled control signer made it; enum exit_status. */
int order_show(const char *path, bool use_json);
