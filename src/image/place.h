/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where a program must run, to struct bs_place. */

#include "src/policy/policy.h"

/* *ret must be zero. `user-namespace:` is a flag of the entry. */
void image_place(const struct policy_place *place, struct bs_place *ret);
