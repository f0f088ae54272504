/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "policy_files.h"

#include <linux/bpf.h>

#include "src/image.h"

/* A ring that a test can foretell: by the first letter of the signer. */
static int fake_ring(void *userdata, const char *signer, struct diag *reterr)
{
	unsigned *n_calls = userdata;

	++*n_calls;
	return 1000 + signer[0];
}

static void check_golden(const char *path)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(image_done) struct image image = {0};
	unsigned n_calls = 0;

	assert_int_equal(policy_load(path, &policy, NULL), 0);
	assert_int_equal(image_build(&policy, fake_ring, &n_calls, &image, NULL), 0);
	assert_int_equal(image.n_entries, policy.n_programs + 1);
	assert_int_equal(n_calls, policy.n_programs);

	_cleanup_free_ char *text = image_show(&image);
	assert_non_null(text);
	assert_expected(path, ".image", text);
}

static void test_good_files(void **state)
{
	for_each_file(GOOD_FILES, check_golden);
}

static const char example[] = "version: 1\n"
			      "programs:\n"
			      "  watchbpf: {signer: control}\n"
			      "  alice:\n"
			      "    signer: acme\n"
			      "    exec: [/usr/sbin/alice, /opt/alice]\n"
			      "    min-sequence: 7\n"
			      "    load: {types: [xdp]}\n"
			      "  bob: {signer: acme, min-sequence: latest}\n";

static void parse_example(struct policy *ret)
{
	assert_int_equal(policy_parse("dir/test.yaml", example, strlen(example), ret, NULL), 0);
}

/* Byte for byte, so that image_show() need not be believed. */
static void test_bytes(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(image_done) struct image image = {0};
	struct image_entry expected[4] = {0};
	unsigned n_calls = 0;

	strcpy(expected[1].key.name, "watchbpf");
	expected[1].program = (struct bs_program){
		.ring = 1000 + 'c', .flags = BS_PROGRAM_CONTROL, .line = 3, .signer = "control"};
	strcpy(expected[2].key.name, "alice");
	expected[2].program = (struct bs_program){.ring = 1000 + 'a',
		.flags = BS_PROGRAM_LOADS,
		.min_sequence = 7,
		.load.types = 1ULL << BPF_PROG_TYPE_XDP,
		.n_paths = 2,
		.line = 4,
		.signer = "acme",
		.paths = {"/usr/sbin/alice", "/opt/alice"}};
	strcpy(expected[3].key.name, "bob");
	expected[3].program = (struct bs_program){
		.ring = 1000 + 'a', .flags = BS_PROGRAM_LATEST, .line = 9, .signer = "acme"};

	parse_example(&policy);
	assert_int_equal(image_build(&policy, fake_ring, &n_calls, &image, NULL), 0);
	assert_int_equal(image.n_entries, ARRAY_SIZE(expected));
	assert_memory_equal(image.entries, expected, sizeof(expected));
}

static int missing_ring(void *userdata, const char *signer, struct diag *reterr)
{
	if (strcmp(signer, userdata) != 0)
		return 1;
	diag_set(reterr, -ENOKEY, "no signer '%s' is enrolled", signer);
	diag_hint(reterr, "bpfsign enroll KEY");
	return -ENOKEY;
}

static void test_ring_error(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	struct image image, untouched;
	struct diag diag;

	memset(&image, 0xa5, sizeof(image));
	untouched = image;
	parse_example(&policy);
	assert_int_equal(image_build(&policy, missing_ring, "acme", &image, &diag), -ENOKEY);
	assert_memory_equal(&image, &untouched, sizeof(image));
	_cleanup_free_ char *line = diag_line(&diag);
	assert_string_equal(
		line, "test.yaml:5:13: no signer 'acme' is enrolled; bpfsign enroll KEY\n");
	assert_int_equal(image_build(&policy, missing_ring, "acme", &image, NULL), -ENOKEY);
}

static int zero_ring(void *userdata, const char *signer, struct diag *reterr)
{
	return 0;
}

/* Ring 0 is that of `unsigned`: a program with it would be a grant to nobody's signature. */
static void test_ring_zero(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	struct image image;
	struct diag diag;

	parse_example(&policy);
	assert_int_equal(image_build(&policy, zero_ring, NULL, &image, &diag), -ENOKEY);
	assert_string_equal(diag.message, "no keyring for signer 'control'");
	assert_int_equal(diag.line, 3);
}

static void test_no_programs(void **state)
{
	static const struct image_entry nothing;
	static const struct policy policy = {.version = 1};
	_cleanup_(image_done) struct image image = {0};

	assert_int_equal(image_build(&policy, zero_ring, NULL, &image, NULL), 0);
	assert_int_equal(image.n_entries, 1);
	assert_memory_equal(&image.entries[0], &nothing, sizeof(nothing));
}

static void test_done_twice(void **state)
{
	struct image image = {0};

	image_done(&image);
	image.entries = calloc(1, sizeof(*image.entries));
	image.n_entries = 1;
	image_done(&image);
	assert_null(image.entries);
	assert_int_equal(image.n_entries, 0);
	image_done(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_ring_error),
		cmocka_unit_test(test_ring_zero),
		cmocka_unit_test(test_no_programs),
		cmocka_unit_test(test_done_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
