/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Decisions as entries of the system's journal, each with its fields (systemd.journal-fields(7)).
 */

#include <stdbool.h>

#include "bpf/contract/abi.h"

/*
 * Does this descriptor lead to the journal, by $JOURNAL_STREAM (systemd.exec(5))? False where we
 * were built without it.
 */
bool journald_is_wanted(int fd);

/* One entry; line is its MESSAGE. 0 or -errno. */
int journald_send(const struct bs_record *record, unsigned repeats, const char *line);
