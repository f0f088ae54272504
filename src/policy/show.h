/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Shared by the files of policy_show(). */

#include "src/policy/put.h"

/* `pods:`, `cgroup:` and `user-namespace:`. */
void show_place(FILE *out, const struct policy_place *place);
