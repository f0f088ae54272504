/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"
#include "tests/unit/policy_files.h"

#include "src/names/names.h"

/* What policy_check() said, one line each. */
struct said {
	unsigned n_errors, n_warnings;
	char text[8192];
};

static void listen(void *userdata, bool error, const struct diag *diag)
{
	struct said *said = userdata;
	_cleanup_free_ char *line = diag_line(diag);
	size_t used = strlen(said->text);

	said->n_errors += error;
	said->n_warnings += !error;
	snprintf(said->text + used, sizeof(said->text) - used, "%s%s",
		error ? "" : "warning: ", line);
	assert_true(diag->hint[0]);
}

static unsigned check_text(const char *text, struct said *said)
{
	_cleanup_policy_ struct policy policy = {0};
	struct diag diag;

	*said = (struct said){0};
	if (policy_parse("test.yaml", text, strlen(text), &policy, &diag) < 0)
		fail_msg("line %u: %s", diag.line, diag.message);
	return policy_check(&policy, listen, said);
}

/* Parses, and is refused with exactly the expected line. */
static void check_refused(const char *path)
{
	_cleanup_policy_ struct policy policy = {0};
	struct said said = {0};

	if (!is_for_check(path))
		return;
	assert_int_equal(policy_load(path, &policy, NULL), 0);
	if (policy_check(&policy, listen, &said) == 0)
		fail_msg("%s: not refused", path);
	assert_expected(path, ".expected", said.text);
}

static void test_bad_files(void **state)
{
	for_each_file(BAD_FILES, check_refused);
}

/* The good ones may be warned about, with exactly these lines. */
static void check_accepted(const char *path)
{
	_cleanup_policy_ struct policy policy = {0};
	struct said said = {0};

	assert_int_equal(policy_load(path, &policy, NULL), 0);
	assert_int_equal(policy_check(&policy, listen, &said), 0);
	assert_int_equal(said.n_errors, 0);
	if (said.n_warnings || strstr(path, "/warnings.yaml"))
		assert_expected(path, ".warnings", said.text);
}

static void test_good_files(void **state)
{
	for_each_file(GOOD_FILES, check_accepted);
}

static void test_counts_errors(void **state)
{
	struct said said;

	assert_int_equal(check_text("version: 1\n"
				    "programs:\n"
				    "  watchbpf: {signer: a, load: {types: [xdp]}}\n"
				    "  bpfsign: {signer: a, load: {types: [xdp]}}\n"
				    "unsigned: {load: {types: [lsm], kernel-reads: allow}}\n",
				 &said),
		2);
	assert_int_equal(said.n_errors, 2);
	assert_int_equal(said.n_warnings, 1);
}

/* Exactly the types that hook the kernel are worth a warning, for either kind of entry. */
static void check_type(const char *type, bool hooks)
{
	_cleanup_free_ char *text =
		format_text("version: 1\n"
			    "programs:\n"
			    "  watchbpf: {signer: a}\n"
			    "  bpftrace: {signer: a, load: {types: [%s], kernel-reads: allow}}\n"
			    "  alice: {signer: a, load: {types: [%s], kernel-reads: allow}}\n"
			    "unsigned: {load: {types: [%s], kernel-reads: allow}}\n",
			type, type, type);
	struct said said;

	assert_int_equal(check_text(text, &said), 0);
	if (said.n_warnings != (hooks ? 2 : 0))
		fail_msg("%s: %s", type, said.text);
	assert_false(strstr(said.text, "alice"));
}

static void test_hooking_types(void **state)
{
	static const char *const hooking[] = {"tracing", "kprobe", "lsm", "struct_ops", "ext",
		"perf_event", "raw_tracepoint", "raw_tracepoint_writable", "tracepoint"};
	size_t n, n_hooking = 0;
	const char *const *names = prog_type_names(&n);

	for (size_t i = 0; i < n; i++) {
		bool hooks = false;
		for (size_t j = 0; j < ARRAY_SIZE(hooking); j++)
			hooks = hooks || strcmp(names[i], hooking[j]) == 0;
		check_type(names[i], hooks);
		n_hooking += hooks;
	}
	assert_int_equal(n_hooking, ARRAY_SIZE(hooking));
}

static void check_loader(const char *name, const char *exec, bool generic)
{
	_cleanup_free_ char *text =
		format_text("version: 1\n"
			    "programs:\n"
			    "  watchbpf: {signer: a}\n"
			    "  %s: {signer: a, exec: %s, load: {types: [kprobe]}}\n",
			name, exec);
	struct said said;

	assert_int_equal(check_text(text, &said), 0);
	if (said.n_warnings != generic)
		fail_msg("%s %s: '%s'", name, exec, said.text);
}

static void test_generic_loaders(void **state)
{
	static const char *const generic[] = {"bpftool", "bpftrace", "python3", "python3.11",
		"python", "perl", "perl5.36", "bash", "sh", "zsh", "lua5.4", "bpftool-6.1"};
	static const char *const single[] = {"alice", "bashful", "python-tool", "shell", "trace",
		"perldoc", "execsnoop", "b", "p"};

	for (size_t i = 0; i < ARRAY_SIZE(generic); i++)
		check_loader(generic[i], "/usr/bin/tool", true);
	for (size_t i = 0; i < ARRAY_SIZE(single); i++)
		check_loader(single[i], "/usr/bin/tool", false);

	/* A harmless name for an interpreter is no disguise. */
	check_loader("alice", "[/opt/alice, /usr/bin/python3.11]", true);
	check_loader("alice", "/python", true);
	check_loader("alice", "/python/alice", false);
}

/* The two names, and no other, are control programs; they may read what no signer signed. */
static void test_is_control(void **state)
{
	static const char text[] = "version: 1\nprograms:\n"
				   "  watchbpf: {signer: acme}\n  bpfsign: {signer: acme}\n"
				   "  alice: {signer: acme}\n  watchbpf2: {signer: acme}\n";
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(policy_parse("p.yaml", text, strlen(text), &policy, NULL), 0);
	for (size_t i = 0; i < policy.n_programs; i++) {
		const struct policy_program *program = &policy.programs[i];
		assert_int_equal(program->is_control, i < 2);
		assert_int_equal(program->files.collateral.number,
			i < 2 ? BS_COLLATERAL_OFF : BS_COLLATERAL_STRICT);
	}
	assert_false(policy.unsigned_.is_control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_counts_errors),
		cmocka_unit_test(test_hooking_types),
		cmocka_unit_test(test_generic_loaders),
		cmocka_unit_test(test_is_control),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
