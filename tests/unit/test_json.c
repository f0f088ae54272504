/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/json.h"
#include "src/base/text.h"

/* What a string comes out as, quotes included. */
static char *of_text(const char *value, size_t size)
{
	char *text = NULL;
	size_t text_size;
	_cleanup_file_ FILE *out = open_memstream(&text, &text_size);
	struct json json;

	assert_non_null(out);
	json_start(&json, out);
	json_text(&json, NULL, value, size);
	assert_int_equal(json_finish(&json), 0);
	close_file(&out); /* until then text may move */
	text[strcspn(text, "\n")] = 0;
	return text;
}

static void expect(const char *value, const char *expected)
{
	_cleanup_free_ char *text = of_text(value, strlen(value));
	assert_string_equal(text, expected);
}

static void test_strings(void **state)
{
	expect("", "\"\"");
	expect("plain text/", "\"plain text/\"");
	expect("\"\\\n\t\r\b\x7f", "\"\\\"\\\\\\n\\t\\u000d\\u0008\\u007f\"");
	expect("\x1b[31m", "\"\\u001b[31m\"");
	expect("né€😀", "\"né€😀\"");
	expect("a\u202eb\u2028\u2066", "\"a\\u202eb\\u2028\\u2066\"");
	expect("\xc2\x85", "\"\\u0085\"");
	expect("\xf3\xa0\x81\x81", "\"\\udb40\\udc41\""); /* U+E0041 */
}

/* A character that JSON escapes is escaped in text too, and no other. */
static void test_one_rule(void **state)
{
	for (uint32_t character = 0x80; character < 0x10000; character++) {
		const char three[] = {(char)(0xe0 | character >> 12),
			(char)(0x80 | (character >> 6 & 63)), (char)(0x80 | (character & 63)), 0};
		const char two[] = {
			(char)(0xc0 | character >> 6), (char)(0x80 | (character & 63)), 0};
		const char *text = character < 0x800 ? two : three;
		_cleanup_free_ char *json = of_text(text, strlen(text));
		_cleanup_free_ char *escaped = escape_text(text, strlen(text));

		assert_int_equal(strstr(json, text) != NULL, strcmp(text, escaped) == 0);
	}
}

/* Bytes that are no UTF-8: each as \u00XX, and what follows is not swallowed. */
static void test_not_utf8(void **state)
{
	expect("\xff", "\"\\u00ff\"");
	expect("a\x80z", "\"a\\u0080z\"");
	expect("\xc3", "\"\\u00c3\"");
	expect("\xc3\"", "\"\\u00c3\\\"\"");
	expect("\xe2\x82", "\"\\u00e2\\u0082\"");
	expect("\xc0\xaf", "\"\\u00c0\\u00af\"");                       /* overlong */
	expect("\xe0\x80\xaf", "\"\\u00e0\\u0080\\u00af\"");            /* overlong */
	expect("\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"");            /* surrogate */
	expect("\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\""); /* above U+10FFFF */
	expect("\xf8\x88\x80\x80\x80", "\"\\u00f8\\u0088\\u0080\\u0080\\u0080\"");
}

static void test_nul(void **state)
{
	_cleanup_free_ char *text = of_text("a\0b", 3);
	assert_string_equal(text, "\"a\\u0000b\"");
}

static void write_everything(struct json *json)
{
	json_object_begin(json, NULL);
	json_string(json, "a\"", "b");
	json_string(json, "null", NULL);
	json_array_begin(json, "list");
	json_array_end(json);
	json_array_begin(json, "numbers");
	json_unsigned(json, NULL, UINT64_MAX);
	json_integer(json, NULL, INT64_MIN);
	json_object_begin(json, NULL);
	json_object_end(json);
	json_bool(json, NULL, true);
	json_array_end(json);
	json_bool(json, "no", false);
	json_null(json, "nothing");
	json_object_end(json);
}

static void test_structure(void **state)
{
	char *text = NULL;
	size_t size;
	_cleanup_file_ FILE *out = open_memstream(&text, &size);
	struct json json;

	json_start(&json, out);
	write_everything(&json);
	assert_int_equal(json_finish(&json), 0);
	close_file(&out);
	_cleanup_free_ char *owned = text;
	assert_string_equal(owned,
		"{\"a\\\"\":\"b\",\"null\":null,\"list\":[],"
		"\"numbers\":[18446744073709551615,-9223372036854775808,{},true],"
		"\"no\":false,\"nothing\":null}\n");
}

static void test_full_disk(void **state)
{
	_cleanup_file_ FILE *out = fopen("/dev/full", "w");
	struct json json;

	if (!out)
		skip();
	json_start(&json, out);
	write_everything(&json);
	assert_int_equal(json_finish(&json), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_one_rule),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
