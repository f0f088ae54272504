/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "src/sign/verify.h"

/* The line or the object of `verify` about one file, for verify_options.report. */
void verify_show(const struct verify_finding *finding, bool use_json, struct outcome *outcome);
