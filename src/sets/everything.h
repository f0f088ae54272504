/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `sign --all` and `verify --all`: the sets of /etc/bpfsign/sign.d, one after another. */

#include "src/sign/sign.h"
#include "src/sign/verify.h"

/* What the command line asks for beside; enum exit_status. */
int sign_everything(const struct sign *asked, bool root_may_sign);

struct sign_set;

/* One set with a key, which must say itself that root may sign. */
int sign_everything_of(const struct sign *asked, const struct sign_set *set);
int verify_everything(struct verify *asked);
