/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The example policies of tests/policy for more than one test: walking them, and comparing
 * with the text that is expected. UPDATE_EXPECTED=1 in the environment writes the expected
 * texts anew instead of comparing; read the difference before you commit it.
 */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <string.h>

#include "src/base/file.h"
#include "src/base/text.h"
#include "tests/unit/policy_equal.h"

#ifndef POLICY_DIR
#error "POLICY_DIR: the directory tests/policy"
#endif

#define GOOD_FILES POLICY_DIR "/good/*.yaml"
#define BAD_FILES  POLICY_DIR "/bad/should-fail-*.yaml"

/* One that parses, so that policy_check() is what has to refuse it. */
static inline bool is_for_check(const char *path)
{
	return strstr(path, "/should-fail-check-");
}

/* Calls test for each file; there must be some. */
static inline void for_each_file(const char *pattern, void (*test)(const char *path))
{
	glob_t found = {0};

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		test(found.gl_pathv[i]);
	globfree(&found);
}

/* A policy that is in no file; diag_line() calls it test.yaml. */
static inline int parse(const char *text, struct policy *ret, struct diag *reterr)
{
	return policy_parse("dir/test.yaml", text, strlen(text), ret, reterr);
}

/* "FILE:LINE:COLUMN: MESSAGE; HINT" as diag_print() writes it, but for the directory. Heap. */
static inline char *diag_line(const struct diag *diag)
{
	const char *slash = strrchr(diag->file, '/');
	_cleanup_free_ char *message = escape_text(diag->message, strlen(diag->message));
	_cleanup_free_ char *hint = escape_text(diag->hint, strlen(diag->hint));
	_cleanup_free_ char *position =
		diag->line ? format_text(":%u:%u", diag->line, diag->column) : strdup("");

	assert_true(message && hint && position);
	return format_text("%s%s: %s%s%s\n", slash ? slash + 1 : diag->file, position, message,
		hint[0] ? "; " : "", hint);
}

/* What policy_show() prints of this text. */
static inline void assert_shown(const char *text, const char *expected)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(text, &policy, NULL), 0);
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown, expected);
}

/* Compares with the file beside path that ends in suffix instead of ".yaml". */
static inline void assert_expected(const char *path, const char *suffix, const char *text)
{
	_cleanup_bytes_ struct bytes expected = {0};
	_cleanup_free_ char *file =
		format_text("%.*s%s", (int)(strlen(path) - strlen(".yaml")), path, suffix);

	assert_non_null(file);
	if (getenv("UPDATE_EXPECTED"))
		assert_int_equal(write_file_atomic(file, text, strlen(text), 0644), 0);
	if (read_file(file, 1 << 20, &expected) < 0)
		fail_msg("no file %s", file);
	if (strcmp(text, (const char *)expected.data) != 0)
		fail_msg("%s: expected\n%sgot\n%s", file, (const char *)expected.data, text);
}
