/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/base.h"
#include "tests/unit/images.h"

#include <linux/bpf.h>

static void check_golden(const char *path)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(image_done) struct image image = {0};
	unsigned n_calls = 0, n_signers = 0;

	assert_int_equal(policy_load(path, &policy, NULL), 0);
	for (size_t i = 0; i < policy.n_programs; i++)
		n_signers += (policy.programs[i].signer[0] != 0) +
			     (unsigned)policy.programs[i].files.n_signers;
	assert_int_equal(image_build(&policy, kernel, fake_ring, &n_calls, &image, NULL), 0);
	assert_int_equal(image.n_entries, policy.n_programs + count_digests(&policy) + 3);
	assert_int_equal(n_calls, n_signers);

	_cleanup_free_ char *text = image_show(&image, kernel);
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
			      "    load:\n"
			      "      types: [xdp, tracepoint]\n"
			      "      attach: {deny: [xdp/eth*], allow: [tracepoint/a/b, xdp]}\n"
			      "      kfuncs: [bpf_obj_new_impl, bpf_future_kfunc]\n"
			      "      helpers: {deny: [signals, redirect]}\n"
			      "      kernel-reads: deny\n"
			      "      user-reads: allow\n"
			      "      map-writes: unpinned\n"
			      "      max-maps: 3\n"
			      "    maps: {\"bob:ct*\": ro, \"*\": none}\n"
			      "    programs: {\"unsigned:p\": replace}\n"
			      "    maps-compat: true\n"
			      "  bob: {signer: acme, min-sequence: latest}\n"
			      "  carol:\n"
			      "    signer: acme\n"
			      "    collateral: [\"/etc/carol/*\", /etc/hosts]\n"
			      "    libraries: trusted-paths\n"
			      "    jit: allow\n"
			      "    file-signers: [debian, control]\n"
			      "  dave: {signer: acme, unsigned-files: [/tmp/d]}\n";

static void parse_example(struct policy *ret)
{
	assert_int_equal(policy_parse("dir/test.yaml", example, strlen(example), ret, NULL), 0);
}

static void expect_denied(struct bs_denied *denied)
{
	denied[BS_CAUSE_KERNEL_READS] =
		(struct bs_denied){/* probe_read, trace_printk, probe_read_kernel, future_helper */
			.helpers = {BIT(4) | BIT(6), BIT(113), 0, BIT(212)},
			.kfuncs = {BIT(0) | BIT(2) | BIT(4)},
			.unnamed = 1,
			.helpers_line = 13,
			.kfuncs_line = 13};
	denied[BS_CAUSE_USER_READS] = (struct bs_denied){.helpers_line = 14, .kfuncs_line = 14};
	denied[BS_CAUSE_USER_WRITES] = (struct bs_denied){/* probe_write_user, future_helper */
		.helpers = {BIT(36), 0, 0, BIT(212)},
		.kfuncs = {BIT(2)},
		.unnamed = 1};
	denied[BS_CAUSE_LISTS] = (struct bs_denied){/* redirect, send_signal, future_helper */
		.helpers = {BIT(23), BIT(109), 0, BIT(212)},
		.kfuncs = {BIT(0) | BIT(2) | BIT(3) | BIT(4) | BIT(5)},
		.unnamed = 1,
		.helpers_line = 12,
		.kfuncs_line = 11};
}

static void expect_attach(struct bs_load *load)
{
	load->n_attach = 3;
	load->attach_line = 10;
	load->attach[0] = (struct bs_attach_rule){.target.bytes = "a/b",
		.type = BPF_PROG_TYPE_TRACEPOINT,
		.attach_type = BS_ANY,
		.line = 10};
	memset(load->attach[0].target.mask, 0xff, 64);
	load->attach[1] = (struct bs_attach_rule){
		.type = BPF_PROG_TYPE_XDP, .attach_type = BS_ANY, .line = 10};
	load->attach[2] = (struct bs_attach_rule){.target.bytes = "eth",
		.target.mask = {0xff, 0xff, 0xff},
		.type = BPF_PROG_TYPE_XDP,
		.attach_type = BS_ANY,
		.deny = 1,
		.line = 10};
}

static void expect_load(struct bs_load *load)
{
	*load = (struct bs_load){.types = BIT(BPF_PROG_TYPE_XDP) | BIT(BPF_PROG_TYPE_TRACEPOINT),
		.types_line = 9,
		.map_writes = {BS_SCOPE_UNPINNED, 15},
		.map_reads = {BS_SCOPE_OWN, 0},
		.max_maps = {3, 16}};
	expect_denied(load->denied);
	expect_attach(load);
}

static void expect_objects(struct bs_program *program)
{
	program->n_maps = 2;
	program->maps[0] = (struct bs_object_rule){.owner.bytes = "bob",
		.name = "ct",
		.name_mask = {0xff, 0xff},
		.access = BS_ACCESS_READ,
		.line = 17};
	memset(program->maps[0].owner.mask, 0xff, 64);
	program->maps[1] = (struct bs_object_rule){.access = BS_ACCESS_NONE, .line = 17};
	program->n_programs = 1;
	program->programs[0] = (struct bs_object_rule){
		.owner.bytes = "unsigned", .name = "p", .access = BS_ACCESS_WRITE, .line = 18};
	memset(program->programs[0].owner.mask, 0xff, 64);
	memset(program->programs[0].name_mask, 0xff, 16);
}

static void expect_file(struct bs_files *files, enum bs_file_kind kind, const char *bytes,
	bool exact, uint32_t line)
{
	struct bs_file_rule *rule = &files->rules[files->n++];

	strcpy(rule->bytes, bytes);
	memset(rule->mask, 0xff, exact ? sizeof(rule->mask) : strlen(bytes));
	rule->kind = kind;
	rule->line = line;
}

/* What an entry without any of the keys has. */
static void expect_quiet(struct bs_files *files)
{
	expect_file(files, BS_FILE_QUIET, "/etc/ld.so.cache", true, 0);
	expect_file(files, BS_FILE_QUIET, "/usr/lib/locale/", false, 0);
	expect_file(files, BS_FILE_QUIET, "/usr/lib/x86_64-linux-gnu/gconv/", false, 0);
	expect_file(files, BS_FILE_QUIET, "/usr/share/locale/", false, 0);
	expect_file(files, BS_FILE_QUIET, "/etc/localtime", true, 0);
	expect_file(files, BS_FILE_QUIET, "/usr/share/zoneinfo/", false, 0);
}

static void expect_carol(struct bs_program *program)
{
	struct bs_files *files = &program->files;

	*program = (struct bs_program){.ring = 1000 + 'a', .line = 21, .signer = "acme"};
	files->collateral = (struct bs_value){BS_COLLATERAL_LISTED, 23};
	files->libraries = (struct bs_value){BS_LIBRARIES_TRUSTED_PATHS, 24};
	files->jit = (struct bs_value){1, 25};
	files->n_signers = 2;
	files->rings[0] = 1000 + 'd';
	files->rings[1] = 1000 + 'c';
	expect_file(files, BS_FILE_SIGNED, "/etc/carol/", false, 23);
	expect_file(files, BS_FILE_SIGNED, "/etc/hosts", true, 23);
	expect_file(files, BS_FILE_LIBRARY, "/lib/", false, 24);
	expect_file(files, BS_FILE_LIBRARY, "/lib64/", false, 24);
	expect_file(files, BS_FILE_LIBRARY, "/usr/lib/", false, 24);
	expect_file(files, BS_FILE_LIBRARY, "/usr/lib64/", false, 24);
}

static void expect_dave(struct bs_program *program)
{
	*program = (struct bs_program){.ring = 1000 + 'a', .line = 27, .signer = "acme"};
	expect_file(&program->files, BS_FILE_UNSIGNED, "/tmp/d", true, 27);
	expect_quiet(&program->files);
}

static void expect_alice(struct bs_program *program)
{
	*program = (struct bs_program){.ring = 1000 + 'a',
		.flags = BS_PROGRAM_LOADS | BS_PROGRAM_MAPS | BS_PROGRAM_READ_ONLY |
			 BS_PROGRAM_COMPATIBLE | BS_PROGRAM_UNPINNED | BS_PROGRAM_TRACEPOINTS,
		.min_sequence = 7,
		.n_paths = 2,
		.line = 4,
		.signer = "acme",
		.paths = {"/usr/sbin/alice", "/opt/alice"}};
	expect_load(&program->load);
	expect_objects(program);
	expect_quiet(&program->files);
}

/* Byte for byte, so that image_show() need not be believed. */
static void test_bytes(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_(image_done) struct image image = {0};
	struct image_entry expected[8] = {0};
	unsigned n_calls = 0;

	strcpy(expected[1].key.name, "watchbpf");
	expected[1].value.program = (struct bs_program){
		.ring = 1000 + 'c', .flags = BS_PROGRAM_CONTROL, .line = 3, .signer = "control"};
	expected[1].value.program.files.collateral.value = BS_COLLATERAL_OFF;
	strcpy(expected[2].key.name, "alice");
	expect_alice(&expected[2].value.program);
	strcpy(expected[3].key.name, "bob");
	expected[3].value.program = (struct bs_program){
		.ring = 1000 + 'a', .flags = BS_PROGRAM_LATEST, .line = 20, .signer = "acme"};
	expect_quiet(&expected[3].value.program.files);
	strcpy(expected[4].key.name, "carol");
	expect_carol(&expected[4].value.program);
	strcpy(expected[5].key.name, "dave");
	expect_dave(&expected[5].value.program);
	strcpy(expected[6].key.name, "!kfuncs");
	expected[6].value.kfuncs = (struct bs_kfuncs){.n = 6, .ids = {4, 6, 8, 9, 10, 11}};
	strcpy(expected[7].key.name, "!kernel");
	expected[7].value.kernel.denied =
		(1ULL << BS_LOCKDOWN_END) - 1 -
		(1ULL << BS_LOCKDOWN_TRACEFS | 1ULL << BS_LOCKDOWN_PERF |
			1ULL << BS_LOCKDOWN_DBG_READ_KERNEL | 1ULL << BS_LOCKDOWN_XMON_RW |
			1ULL << BS_LOCKDOWN_XFRM_SECRET);

	parse_example(&policy);
	assert_int_equal(image_build(&policy, kernel, fake_ring, &n_calls, &image, NULL), 0);
	assert_int_equal(image.n_entries, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_memory_equal(&image.entries[i], &expected[i], sizeof(expected[i]));
	assert_true(image_is_kfuncs(&image.entries[6]));
	assert_false(image_is_kfuncs(&image.entries[0]));
	assert_true(image_is_kernel(&image.entries[7]));
	assert_false(image_is_kernel(&image.entries[6]));
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
	assert_int_equal(
		image_build(&policy, kernel, missing_ring, "acme", &image, &diag), -ENOKEY);
	assert_memory_equal(&image, &untouched, sizeof(image));
	_cleanup_free_ char *line = diag_line(&diag);
	assert_string_equal(
		line, "test.yaml:5:13: no signer 'acme' is enrolled; bpfsign enroll KEY\n");
	assert_int_equal(image_build(&policy, kernel, missing_ring, "acme", &image, NULL), -ENOKEY);
}

/* The one signer of the example that no entry has as its own. */
static void test_file_ring_error(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	struct image image;
	struct diag diag;

	parse_example(&policy);
	assert_int_equal(
		image_build(&policy, kernel, missing_ring, "debian", &image, &diag), -ENOKEY);
	_cleanup_free_ char *line = diag_line(&diag);
	assert_string_equal(
		line, "test.yaml:26:20: no signer 'debian' is enrolled; bpfsign enroll KEY\n");
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
	assert_int_equal(image_build(&policy, kernel, zero_ring, NULL, &image, &diag), -ENOKEY);
	assert_string_equal(diag.message, "no keyring for signer 'control'");
	assert_int_equal(diag.line, 3);
}

static void test_no_programs(void **state)
{
	static const struct image_entry nothing;
	struct policy policy = {.version = 1};
	_cleanup_(image_done) struct image image = {0};

	assert_int_equal(image_build(&policy, kernel, zero_ring, NULL, &image, NULL), -EINVAL);
	policy_fill_defaults(&policy);
	assert_int_equal(image_build(&policy, kernel, zero_ring, NULL, &image, NULL), 0);
	assert_int_equal(image.n_entries, 3);
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
		cmocka_unit_test(test_file_ring_error),
		cmocka_unit_test(test_ring_zero),
		cmocka_unit_test(test_no_programs),
		cmocka_unit_test(test_done_twice),
	};
	return cmocka_run_group_tests(tests, make_kernel, free_kernel);
}
