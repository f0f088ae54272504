/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The reader in words, out of /proc. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/base.h"
#include "src/enforcer/enforcer.h"

static void reads_name_and_state(void **state)
{
	struct enforcer_reader reader = {.pid = 42};

	assert_int_equal(enforcer_reader_parse("42 (watchbpf) S 1 42 42 0 -1", &reader), 0);
	assert_string_equal(reader.name, "watchbpf");
	assert_false(reader.stopped);
	assert_int_equal(enforcer_reader_parse("42 (a) T (b) T 1 42", &reader), 0);
	assert_string_equal(reader.name, "a) T (b");
	assert_true(reader.stopped);
	assert_int_equal(enforcer_reader_parse("42 (watchbpf) t 1", &reader), 0);
	assert_true(reader.stopped);
	assert_int_equal(enforcer_reader_parse("42 (much longer than a name is) R 1", &reader), 0);
	assert_string_equal(reader.name, "much longer tha");
	assert_int_equal(enforcer_reader_parse("", &reader), -EBADMSG);
	assert_int_equal(enforcer_reader_parse("42 ) (", &reader), -EBADMSG);
	assert_int_equal(enforcer_reader_parse("42 (watchbpf)", &reader), -EBADMSG);
	assert_int_equal(enforcer_reader_parse("42 (watchbpf) ", &reader), -EBADMSG);
}

static void expect_text(const struct enforcer_reader *reader, const char *expected)
{
	_cleanup_free_ char *text = enforcer_reader_text(reader);

	assert_string_equal(text, expected);
}

static void says_who_it_is(void **state)
{
	struct enforcer_reader reader = {.pid = 42};

	expect_text(&reader, "process 42");
	strcpy(reader.unit, "watchbpf.service");
	expect_text(&reader, "process 42 (watchbpf.service)");
	strcpy(reader.name, "watch\nbpf");
	reader.stopped = true;
	expect_text(&reader, "process 42 ('watch\\nbpf', watchbpf.service), which is stopped");
	reader.unit[0] = 0;
	expect_text(&reader, "process 42 ('watch\\nbpf'), which is stopped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_name_and_state),
		cmocka_unit_test(says_who_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
