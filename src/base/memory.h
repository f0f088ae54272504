/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What our own processes hold, keys and orders, stays in memory. */

/*
 * Nothing is written to swap or into a core dump, whoever takes core dumps. An ordinary user may
 * not lock memory: then only the latter.
 */
void memory_lock(void);
