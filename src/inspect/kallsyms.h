/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel's symbols by address: what the verifier has made of a helper's number. */

#include <stddef.h>
#include <stdint.h>

struct kallsyms;

/* Reads /proc/kallsyms. -EPERM where the kernel shows no addresses. The caller owns *ret. */
int kallsyms_load(struct kallsyms **ret);
void kallsyms_free(struct kallsyms **kallsyms); /* safe on NULL */

/* The address of a symbol, or 0. */
uint64_t kallsyms_find(const struct kallsyms *kallsyms, const char *name);

/* The next name at exactly this address: *place is 0 at first. NULL: no more. */
const char *kallsyms_name(const struct kallsyms *kallsyms, uint64_t address, size_t *place);
