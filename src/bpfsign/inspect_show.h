/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An inspection as text for people and as JSON; with a verdict for each program where one is
 * asked.
 */

#include <stdbool.h>
#include <stdio.h>

#include "src/inspect/inspect.h"
#include "src/names/detail.h"

struct json;

/* The policy and its entry that would load them. */
struct inspect_question {
	const char *policy; /* path, for messages; NULL: nothing is asked */
	const char *as;     /* "unsigned" or a program's name */
	const struct bs_program *entry;
	struct detail_names names; /* with the policy's table of kfuncs */
};

struct inspect_subject {
	const char *kind; /* "file", "prog" or "map" */
	const char *name; /* path, or number */
	bool loaded;
};

/* True when all is granted, or nothing was asked. */
bool inspect_print(const struct inspection *inspection, const struct inspect_subject *subject,
	const struct inspect_question *question);
bool inspect_print_json(struct json *json, const struct inspection *inspection,
	const struct inspect_subject *subject, const struct inspect_question *question);
