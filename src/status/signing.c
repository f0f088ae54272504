/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The part of `status` about the sets of this machine and the files that could not be signed. */

#include "src/status/signing.h"

#include <stdio.h>
#include <unistd.h>

#include "src/base/base.h"
#include "src/sets/sets.h"
#include "src/status/unsigned.h"

const char *status_tick(enum probe_result result)
{
	static const char *const ticks[] = {[PROBE_YES] = "\033[32m✓\033[0m",
		[PROBE_NO] = "\033[31m✗\033[0m",
		[PROBE_UNKNOWN] = "\033[33m?\033[0m"};
	static const char *const words[] = {
		[PROBE_YES] = "[yes]", [PROBE_NO] = "[no] ", [PROBE_UNKNOWN] = "[?]  "};

	return isatty(STDOUT_FILENO) ? ticks[result] : words[result];
}

/* A key on this machine is red: root can sign anything with it. */
void status_signing_text(void)
{
	_cleanup_unsigned_ struct unsigned_files files = {0};
	_cleanup_sets_ struct sets sets = {0};
	struct diag diag;

	if (sets_load(&sets, &diag) < 0) {
		printf("signing\n  %s %s\n", status_tick(PROBE_UNKNOWN), diag.message);
		return;
	}
	unsigned_load("", &files);
	if (sets.n > 0 || files.n > 0)
		puts("signing");
	for (size_t i = 0; i < sets.n; i++) {
		const struct set *set = &sets.items[i];
		if (set->manifest)
			printf("  %s %s: signed elsewhere\n", status_tick(PROBE_YES), set->file);
		else
			printf("  %s %s: the key is on this machine, so root can sign anything%s\n",
				status_tick(PROBE_NO), set->file,
				set->root_may_sign ? "" : " (only with --root-may-sign)");
	}
	for (size_t i = 0; i < files.n; i++)
		printf("  %s '%s' could not be signed: %s\n", status_tick(PROBE_NO),
			files.items[i].what, files.items[i].why);
}

static void json_unsigned_files(struct json *json)
{
	_cleanup_unsigned_ struct unsigned_files files = {0};

	unsigned_load("", &files);
	json_array_begin(json, "unsigned");
	for (size_t i = 0; i < files.n; i++) {
		json_object_begin(json, NULL);
		json_string(json, "what", files.items[i].what);
		json_string(json, "why", files.items[i].why);
		json_object_end(json);
	}
	json_array_end(json);
}

void status_signing_json(struct json *json)
{
	_cleanup_sets_ struct sets sets = {0};
	struct diag diag;

	if (sets_load(&sets, &diag) < 0) {
		json_string(json, "signing", diag.message);
		return;
	}
	json_array_begin(json, "signing");
	for (size_t i = 0; i < sets.n; i++) {
		json_object_begin(json, NULL);
		json_string(json, "set", sets.items[i].file);
		json_string(json, "manifest", sets.items[i].manifest);
		json_bool(json, "root_may_sign", sets.items[i].root_may_sign);
		json_object_end(json);
	}
	json_array_end(json);
	json_unsigned_files(json);
}

bool status_signing_is_good(void)
{
	_cleanup_unsigned_ struct unsigned_files files = {0};

	unsigned_load("", &files);
	return files.n == 0;
}
