/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Between sign.c, manifest.c and report.c only. */

#include "plugins/sign/signatures.h"
#include "src/sign/sign.h"

/* One file that is being signed. */
struct sign_item {
	struct signing *signing;
	const struct target *target;
	size_t index; /* in the selection, or in --digests */
	struct outcome *outcome;
	struct sign_request request;
	bool sealed; /* before */
};

/* The line or object about one file. */
void sign_report(struct sign_item *item, enum sign_result result, const struct claim *claim);
void sign_report_failure(struct sign_item *item, const struct diag *why);

/* A remark about the whole run. */
void sign_notice(const struct signing *signing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* signatures_make(), with a token's key one after another. */
int sign_make(struct sign_item *item, struct signatures *ret, struct diag *reterr);
