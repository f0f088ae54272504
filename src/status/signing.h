/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The part of `status` about signing, and the ticks of all parts. */

#include <stdbool.h>

#include "src/base/json.h"
#include "src/status/probe.h"

/* A tick or a cross where the terminal can show them; plain words in a pipe. */
const char *status_tick(enum probe_result result);

/* The sets of sign.d, red where a key is here, and the files that bpfsign-hook could not sign. */
void status_signing_text(void);
void status_signing_json(struct json *json);
bool status_signing_is_good(void);
