/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Passphrases and PINs: where they come from. Never from the command line or the environment, which
 * others can read. In this order: the descriptor of --passphrase-fd, the systemd credential
 * "bpfsign.passphrase", a terminal.
 */

#include <stdbool.h>
#include <stddef.h>

#include "src/base/diag.h"

#define SECRET_SIZE 1024 /* bytes, with the NUL: OpenSSL's own limit */

/* From now on each secret is one line that is read from fd, which stays open. */
void secret_use_fd(int fd);

/* Is there anywhere to ask? */
bool secret_can_ask(void);

/*
 * The secret of `what` ("passphrase of 'acme.pem'") into buffer, with a NUL; its length, or
 * -ENOKEY. The caller owns and erases the buffer.
 */
int secret_ask(const char *what, char *buffer, size_t size);

/*
 * Why there is no key: a secret ("passphrase", "PIN") was asked for, of a locked thing ("encrypted
 * key"), and the answer was wrong, or there was none. Returns -ENOKEY.
 */
int secret_explain(const char *label, const char *secret, const char *locked, bool answered,
	struct diag *reterr);
