/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between apply.c and layers.c only. */

#include "src/apply/apply.h"

/*
 * The first half of apply_load() where there are layers: an entry and a target for each file in
 * them that carries a claim or is in a manifest. An error in a layer is a notice, and in
 * layers.failed; -errno where nothing can be done at all. The entry of a file's own claim has line
 * 0.
 */
int layers_load(struct applying *applying, struct diag *reterr);
void layers_done(struct layers *layers);
