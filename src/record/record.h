/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Bytes from a ring buffer to a checked record. */

#include <stddef.h>

#include "bpf/contract/abi.h"

/*
 * Copies a record out of the ring and checks it: version, size, the range of every enum and
 * flag, the NUL of every text. -EPROTONOSUPPORT for another ABI version, -EBADMSG for
 * anything else that the BPF side would not have written; *ret is then untouched.
 */
int record_parse(const void *data, size_t size, struct bs_record *ret);
