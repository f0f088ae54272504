/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps that signing onto a file and signing into a manifest share. */

#include <stdarg.h>
#include <string.h>

#include "src/command/command.h"
#include "src/files/batch.h"
#include "src/sign/internal.h"

const char *const sign_results[] = {
	"signed", "already signed", "would be signed", "failed", "passed over", "read", NULL};

/* Standard output is the manifest's. */
static bool is_quiet(const struct sign_options *options)
{
	return options->manifest_path && strcmp(options->manifest_path, "-") == 0;
}

void sign_report(struct sign_item *item, enum sign_result result, const struct claim *claim)
{
	const struct sign_options *options = item->signing->options;
	const struct report report = {
		.path = item->target->path, .result = sign_results[result], .claim = claim};

	item->outcome->kind = result;
	if (!is_quiet(options))
		batch_report(item->outcome, options->use_json, &report);
}

void sign_report_failure(struct sign_item *item, const struct diag *why)
{
	const struct report report = {
		.path = item->target->path, .result = sign_results[SIGN_FAILED], .diag = why};

	item->outcome->kind = SIGN_FAILED;
	item->outcome->status = EXIT_UNKNOWN;
	batch_report(item->outcome, item->signing->options->use_json, &report);
}

void sign_notice(const struct signing *signing, const char *format, ...)
{
	struct diag notice = {0};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(notice.message, sizeof(notice.message), format, arguments);
	va_end(arguments);
	if (signing->options->notice)
		signing->options->notice(&notice);
}

int sign_make(struct sign_item *item, struct signatures *ret, struct diag *reterr)
{
	struct signing *signing = item->signing;

	if (signing->is_token)
		pthread_mutex_lock(&signing->turn);
	int r = signatures_make(&item->request, ret, reterr);
	if (signing->is_token)
		pthread_mutex_unlock(&signing->turn);
	return r;
}
