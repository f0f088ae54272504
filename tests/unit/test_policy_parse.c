/* SPDX-License-Identifier: GPL-2.0-or-later */

/* src/policy/parse.c, with src/yaml below it, and show.c, its inverse. */

#include "src/base/file.h"
#include "tests/unit/policy_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <linux/bpf.h>

static void test_every_field(void **state)
{
	static const char text[] = "version: 1\n"
				   "programs:\n"
				   "  alice:\n"
				   "    signer: acme\n"
				   "    exec: [/usr/sbin/alice, /opt/alice]\n"
				   "    min-sequence: 1767225600\n"
				   "    load: {types: [xdp, lsm]}\n"
				   "  bob: {signer: builders, exec: /bob, min-sequence: latest}\n"
				   "unsigned:\n"
				   "  load: {types: [socket_filter]}\n";
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(text, &policy, NULL), 0);
	assert_string_equal(policy.path, "dir/test.yaml");
	assert_int_equal(policy.version, 1);
	assert_int_equal(policy.n_programs, 2);

	const struct policy_program *alice = &policy.programs[0], *bob = &policy.programs[1];
	assert_string_equal(alice->name, "alice");
	assert_int_equal(alice->position.line, 3);
	assert_int_equal(alice->position.column, 3);
	assert_string_equal(alice->signer, "acme");
	assert_int_equal(alice->signer_position.line, 4);
	assert_int_equal(alice->signer_position.column, 13);
	assert_int_equal(alice->n_exec, 2);
	assert_string_equal(alice->exec[0], "/usr/sbin/alice");
	assert_string_equal(alice->exec[1], "/opt/alice");
	assert_int_equal(alice->min_sequence, 1767225600);
	assert_false(alice->latest);
	assert_true(alice->load.present);
	assert_int_equal(alice->load.types, 1ULL << BPF_PROG_TYPE_XDP | 1ULL << BPF_PROG_TYPE_LSM);

	assert_string_equal(bob->name, "bob");
	assert_int_equal(bob->n_exec, 1);
	assert_true(bob->latest);
	assert_int_equal(bob->min_sequence, 0);
	assert_false(bob->load.present);

	assert_string_equal(policy.unsigned_.name, "");
	assert_int_equal(policy.unsigned_.position.line, 9);
	assert_int_equal(policy.unsigned_.position.column, 1);
	assert_true(policy.unsigned_.load.present);
	assert_int_equal(policy.unsigned_.load.types, 1ULL << BPF_PROG_TYPE_SOCKET_FILTER);
}

/* What is absent grants nothing. */
static void test_absent_is_least(void **state)
{
	static const struct policy_program nothing;
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse("version: 1\nprograms: {a: {signer: s}}", &policy, NULL), 0);
	assert_memory_equal(&policy.unsigned_, &nothing, sizeof(nothing));
	assert_false(policy.programs[0].load.present);
	assert_int_equal(policy.programs[0].load.types, 0);
	assert_memory_equal(&policy.programs[0].files, &nothing.files, sizeof(nothing.files));
	assert_memory_equal(&policy.programs[0].place, &nothing.place, sizeof(nothing.place));
	assert_int_equal(policy.programs[0].files.collateral.number, BS_COLLATERAL_STRICT);
	assert_int_equal(policy.programs[0].n_exec, 0);
	assert_false(policy.programs[0].latest);
	assert_int_equal(policy.programs[0].min_sequence, 0);
}

/* A `load:` has every number, given or not. */
static void test_defaults(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse("version: 1\nunsigned: {load: {types: [xdp]}}", &policy, NULL), 0);
	assert_int_equal(policy.unsigned_.load.map_writes.number, BS_SCOPE_OWN);
	assert_int_equal(policy.unsigned_.load.map_reads.number, BS_SCOPE_OWN);
	assert_int_equal(policy.unsigned_.load.max_maps.number, BS_ANY);
	assert_int_equal(policy.unsigned_.load.max_maps.key.line, 0);
	assert_int_equal(policy.unsigned_.load.max_instructions.number, 0);
	assert_int_equal(policy.lockdown.number, BS_LEVEL_INTEGRITY);
}

/* policy_show() gives what parses to the same struct, and does not change when shown again. */
static void check_round_trip(const char *path)
{
	_cleanup_policy_ struct policy policy = {0}, again = {0};
	struct diag diag;

	if (policy_load(path, &policy, &diag) < 0)
		fail_msg("%s:%u:%u: %s", path, diag.line, diag.column, diag.message);
	_cleanup_free_ char *text = policy_show(&policy);
	assert_non_null(text);
	if (parse(text, &again, &diag) < 0)
		fail_msg("%s: shown as\n%s\nline %u: %s", path, text, diag.line, diag.message);
	assert_true(policy_is_equal(&policy, &again));

	_cleanup_free_ char *text_again = policy_show(&again);
	assert_string_equal(text, text_again);
}

static void test_round_trip(void **state)
{
	for_each_file(GOOD_FILES, check_round_trip);
}

static void test_show(void **state)
{
	static const char text[] =
		"{\"version\": 1, \"unsigned\": {\"load\": {\"types\": [\"xdp\"]}},"
		" \"programs\": {\"alice\": {\"exec\": [\"/a b\", \"/b\"],"
		"\"load\": {\"types\": [\"lsm\", \"xdp\"]}, \"min-sequence\": 7,"
		" \"signer\": \"yes\"}}}";
	assert_shown(text, "version: 1\n"
			   "programs:\n"
			   "  alice:\n"
			   "    signer: \"yes\"\n"
			   "    exec: [\"/a b\", /b]\n"
			   "    min-sequence: 7\n"
			   "    load:\n"
			   "      types: [xdp, lsm]\n"
			   "unsigned:\n"
			   "  load:\n"
			   "    types: [xdp]\n");
}

/* Refused with exactly the expected line; nothing is touched; no diag is fine too. */
static void check_refused(const char *path)
{
	struct policy policy, untouched;
	struct diag diag;

	if (is_for_check(path))
		return;
	memset(&policy, 0xa5, sizeof(policy));
	untouched = policy;
	if (policy_load(path, &policy, &diag) != -EINVAL)
		fail_msg("%s: not refused", path);
	assert_memory_equal(&policy, &untouched, sizeof(policy));
	_cleanup_free_ char *line = diag_line(&diag);
	assert_expected(path, ".expected", line);
	if (!diag.hint[0])
		fail_msg("%s: no hint", path);
	assert_int_equal(policy_load(path, &policy, NULL), -EINVAL);
}

static void test_bad_files(void **state)
{
	for_each_file(BAD_FILES, check_refused);
}

/* Each beginning of each good file, in memory that ends with it: no crash, no leak. */
static void check_prefixes(const char *path)
{
	_cleanup_bytes_ struct bytes bytes = {0};

	assert_int_equal(read_file(path, POLICY_SIZE_LIMIT, &bytes), 0);
	for (size_t size = 0; size <= bytes.size; size++) {
		_cleanup_policy_ struct policy policy = {0};
		_cleanup_free_ uint8_t *prefix = malloc(size ?: 1);
		assert_non_null(prefix);
		memcpy(prefix, bytes.data, size);
		int r = policy_parse(path, prefix, size, &policy, NULL);
		assert_true(r == 0 || r == -EINVAL);
	}
}

static void test_prefixes(void **state)
{
	for_each_file(GOOD_FILES, check_prefixes);
}

static void test_cannot_read(void **state)
{
	struct policy policy;
	struct diag diag;

	assert_int_equal(policy_load("/nonexistent/a.yaml", &policy, &diag), -ENOENT);
	assert_string_equal(
		diag.message, "can't read '/nonexistent/a.yaml': No such file or directory");
	assert_int_equal(policy_load("/", &policy, &diag), -EISDIR);
	assert_int_equal(policy_load("/nonexistent/a.yaml", &policy, NULL), -ENOENT);
}

static void test_too_large(void **state)
{
	char path[] = "/tmp/test_policy_parse.XXXXXX";
	_cleanup_close_ int fd = mkostemp(path, O_CLOEXEC);
	struct policy policy;
	struct diag diag;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, POLICY_SIZE_LIMIT + 1), 0);
	assert_int_equal(policy_load(path, &policy, &diag), -EFBIG);
	unlink(path);
	assert_string_equal(diag.message, "the policy is larger than 16 MiB");
	assert_string_equal(diag.file, path);

	/* The size is judged before a byte is looked at. */
	assert_int_equal(policy_parse("a", "", POLICY_SIZE_LIMIT + 1, &policy, &diag), -EFBIG);
}

static void test_nothing(void **state)
{
	struct policy policy;
	struct diag diag;

	assert_int_equal(policy_parse("a", NULL, 0, &policy, &diag), -EINVAL);
	assert_string_equal(diag.message, "the policy is empty");
}

/* A text of n programs. Heap. */
static char *many_programs(unsigned n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs("version: 1\nprograms:\n", out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, " p%u: {signer: s}\n", i);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_many_programs(void **state)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_free_ char *most = many_programs(POLICY_PROGRAMS);
	_cleanup_free_ char *too_many = many_programs(POLICY_PROGRAMS + 1);
	struct diag diag;

	assert_int_equal(parse(most, &policy, &diag), 0);
	assert_int_equal(policy.n_programs, POLICY_PROGRAMS);
	assert_string_equal(policy.programs[POLICY_PROGRAMS - 1].name, "p16383");

	policy_done(&policy);
	assert_int_equal(parse(too_many, &policy, &diag), -EINVAL);
	assert_string_equal(
		diag.message, "program 'p16384' is one too many, a policy has at most 16384");
	assert_int_equal(diag.line, 16387);
}

/* A megabyte of what makes slow parsers slow, each refused at once. */
static void test_bombs(void **state)
{
	static const char *const heads[] = {
		"", "version: 1\nprograms: ", "version: 1\nprograms: {a: {exec: "};
	static const char fillers[] = "[{?-:& *!'\"|>%@#,\n";
	size_t size = 1 << 20;
	_cleanup_free_ char *text = malloc(size);
	struct policy policy;

	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		for (const char *filler = fillers; *filler; filler++) {
			memset(text, *filler, size);
			memcpy(text, heads[i], strlen(heads[i]));
			assert_int_equal(policy_parse("bomb", text, size, &policy, NULL), -EINVAL);
		}
}

static void test_done_twice(void **state)
{
	struct policy policy = {0};

	policy_done(&policy);
	assert_int_equal(parse("version: 1\nprograms: {a: {signer: s}}", &policy, NULL), 0);
	policy_done(&policy);
	assert_null(policy.programs);
	policy_done(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_absent_is_least),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_cannot_read),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many_programs),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_done_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
