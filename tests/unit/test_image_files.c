/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/base.h"
#include "tests/unit/images.h"

/* The longest path, and as many as there can be. */
static void test_longest_files(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(image_done) struct image image = {0};
	char text[8192] = "version: 1\nprograms: {a: {signer: s, libraries: trusted-paths, "
			  "unsigned-files: [",
	     path[BS_FILE_SIZE] = "/";

	memset(path + 1, 'p', sizeof(path) - 4);
	for (unsigned i = 0; i < POLICY_FILES; i++)
		sprintf(text + strlen(text), "%s%x%s, ", path, i, i ? "q" : "*");
	strcat(text, "]}}");
	assert_int_equal(policy_parse("test.yaml", text, strlen(text), &policy, NULL), 0);
	assert_int_equal(image_build(&policy, kernel, fake_ring, &(unsigned){0}, &image, NULL), 0);
	const struct bs_files *files = &image.entries[1].value.program.files;
	assert_int_equal(files->n, POLICY_FILES + 6 + 4);
	assert_int_equal(strlen(files->rules[1].bytes), BS_FILE_SIZE - 1);
	assert_int_equal(files->rules[0].mask[BS_FILE_SIZE - 3], 0xff);
	assert_int_equal(files->rules[0].mask[BS_FILE_SIZE - 2], 0);
	assert_int_equal(files->rules[0].bytes[BS_FILE_SIZE - 2], 0);
	assert_int_equal(files->rules[1].mask[BS_FILE_SIZE - 1], 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_files),
	};
	return cmocka_run_group_tests(tests, make_kernel, free_kernel);
}
