/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The process that reads: it prints the records, hands them on to followers, keeps the pods current
 * and looks after the enforcement once a second.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/enforcer/enforcer.h"
#include "src/record/lines.h"

struct reading;

/*
 * Makes this process the reader; with wait, as soon as no other process is, and systemd is told
 * that it is ready meanwhile. -EBUSY with the other reader in *reterr; -EINTR: a signal of
 * reading_catch_signals() or an order to stop came first; -ENODEV: the hooks died first; errors of
 * enforcer_read().
 */
int reading_take(struct enforcer *enforcer, bool wait, struct diag *reterr);

/*
 * Begins to read, after reading_take(): writes the pods and opens the socket of the followers, who
 * are told these names (NULL: none). Without that socket it warns. enforcer and lines stay the
 * caller's, and must live until reading_free(). -ENOMEM or -errno of inotify_init1(2), printed.
 */
int reading_begin(struct reading **ret, struct enforcer *enforcer, struct lines *lines,
	const struct bs_kfuncs *names);
void reading_free(struct reading **reading);

/* Reads until a signal, an order to stop, or the death of the hooks: enum exit_status. */
int reading_run(struct reading *reading);

/* SIGINT and SIGTERM end what asks reading_is_interrupted(). */
void reading_catch_signals(void);
bool reading_is_interrupted(void);

/* CLOCK_BOOTTIME, for lines_flush(). */
uint64_t reading_now_ns(void);
