/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* SHA-256 of a file's content, which other tools call its hash. */

#include "keyring/openssl.h"

/* Of an open file, whose position is neither used nor moved. 0, -errno of read(2), -EIO. */
int content_digest(int fd, uint8_t ret[SHA256_SIZE], struct diag *reterr);
