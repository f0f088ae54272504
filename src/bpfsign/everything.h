/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `sign --all` and `verify --all`: each set of /etc/bpfsign/sign.d; enum exit_status. */

#include "src/sets/everything.h"

int everything_sign(const struct sign_options *asked, bool root_may_sign);
int everything_verify(const struct verifying *asked);
