/* SPDX-License-Identifier: GPL-2.0-or-later */

/* functions.c, and bpf/contract/functions.def behind it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <linux/bpf.h>

#include "src/base/file.h"
#include "tests/unit/tiny_btf.h"

#define BIT(group) (1U << FUNCTION_GROUP_##group)

/* Every helper that the UAPI knows is judged; the names are the header's own. */
static void test_every_helper(void **state)
{
#define __BPF_NAME(x) "bpf_" #x
	static const char *const names[] = {__BPF_FUNC_MAPPER(__BPF_NAME)};
#undef __BPF_NAME

	assert_true(ARRAY_SIZE(names) >= 200); /* 210 in v6.1, 212 since v6.2 */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!function_is_known(names[i]) || !function_is_helper(names[i]))
			fail_msg("'%s' is not in bpf/contract/helpers.def", names[i]);
}

static void test_each_once(void **state)
{
	size_t n;
	const char *const *names = function_names(&n);

	assert_true(n > 500);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(names[i], names[j]) == 0)
				fail_msg("'%s' is in bpf/contract/functions.def twice", names[i]);
}

/* Some that must never slip out of their group. */
static void test_groups(void **state)
{
	static const struct {
		const char *name;
		uint32_t groups;
	} some[] = {
		{"bpf_map_lookup_elem", 0},
		{"bpf_loop", 0},
		{"bpf_iter_num_new", 0},
		{"bpf_probe_read", BIT(KERNEL_READS) | BIT(USER_READS)},
		{"bpf_probe_read_str", BIT(KERNEL_READS) | BIT(USER_READS)},
		{"bpf_probe_read_kernel", BIT(KERNEL_READS)},
		{"bpf_probe_read_user", BIT(USER_READS)},
		{"bpf_copy_from_user_task", BIT(USER_READS)},
		{"bpf_probe_write_user", BIT(USER_WRITES)},
		{"bpf_trace_printk", BIT(KERNEL_READS) | BIT(OUTPUT)},
		{"bpf_snprintf", BIT(KERNEL_READS)},
		{"bpf_d_path", BIT(KERNEL_READS)},
		{"bpf_get_current_task", BIT(KERNEL_READS)},
		{"bpf_rdonly_cast", BIT(KERNEL_READS)},
		{"bpf_task_from_pid", BIT(KERNEL_READS)},
		{"bpf_strlen", BIT(KERNEL_READS)},
		{"bpf_iter_bits_new", BIT(KERNEL_READS)},
		{"bpf_send_signal", BIT(SIGNALS)},
		{"bpf_override_return", BIT(OVERRIDE)},
		{"bpf_redirect", BIT(REDIRECT)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		if (function_groups(some[i].name) != some[i].groups)
			fail_msg("%s: groups %x", some[i].name, function_groups(some[i].name));
}

/* What nobody has judged is in every group. */
static void test_unknown_is_in_all(void **state)
{
	assert_int_equal(function_groups("bpf_future"), (1U << FUNCTION_GROUP_END) - 1);
	assert_false(function_is_known("bpf_future"));
	assert_false(function_is_helper("bpf_obj_new_impl"));
	assert_true(function_is_known("bpf_obj_new_impl"));
}

static void test_group_words(void **state)
{
	for (unsigned i = 0; i < FUNCTION_GROUP_END; i++) {
		assert_int_equal(function_group_find(function_group_name(i)), i);
		assert_true(function_is_group(function_group_name(i)));
		assert_true(function_group_doc(i)[0]);
	}
	assert_int_equal(function_group_find("kernel-reads"), FUNCTION_GROUP_KERNEL_READS);
	assert_int_equal(function_group_find("plain"), -ENOENT);
	assert_true(function_is_group("plain"));
	assert_false(function_is_group("bpf_loop"));
	assert_string_equal(function_group_name(FUNCTION_GROUP_END), "unknown");
	assert_string_equal(function_group_doc(99), "unknown");
}

static void test_helpers(void **state)
{
	_cleanup_functions_ struct functions *functions = tiny_kernel();

	assert_non_null(functions);
	assert_int_equal(functions_helper(functions, "bpf_probe_read_kernel"), 113);
	assert_int_equal(functions_helper(functions, "bpf_future_helper"), 212);
	assert_int_equal(functions_helper(functions, "probe_read_kernel"), -ENOENT);
	assert_int_equal(functions_helper(functions, "bpf_unspec"), -ENOENT);
	assert_int_equal(functions_helper(functions, "bpf_snprintf"), -ENOENT);
	assert_string_equal(functions_helper_name(functions, 109), "bpf_send_signal");
	assert_string_equal(functions_helper_name(functions, 212), "bpf_future_helper");
	assert_null(functions_helper_name(functions, 0));
	assert_null(functions_helper_name(functions, 213));
	assert_null(functions_helper_name(functions, UINT32_MAX));
}

static void test_kfuncs(void **state)
{
	_cleanup_functions_ struct functions *functions = tiny_kernel();

	for (size_t i = 0; i < ARRAY_SIZE(tiny_functions); i++) {
		int id = functions_kfunc(functions, tiny_functions[i]);
		assert_true(id > 0);
		assert_string_equal(
			functions_kfunc_name(functions, (uint32_t)id), tiny_functions[i]);
	}
	assert_int_equal(functions_kfunc(functions, "bpf_rdonly_cast"), -ENOENT);
	assert_int_equal(functions_kfunc(functions, "zzz"), -ENOENT);
	assert_int_equal(functions_kfunc(functions, ""), -ENOENT);
	assert_null(functions_kfunc_name(functions, 0));
	assert_null(functions_kfunc_name(functions, 1)); /* the int */
	assert_null(functions_kfunc_name(functions, 1 << 30));
}

/* Two of one name: the lower id, which is what libbpf resolves a kfunc to. */
static void test_same_name(void **state)
{
	char path[] = "/tmp/test_functions.XXXXXX";
	struct btf *btf = tiny_btf();
	struct functions *functions = NULL;
	int first = btf__find_by_name_kind(btf, "schedule", BTF_KIND_FUNC);

	btf__add_func(btf, "schedule", BTF_FUNC_STATIC, 3);
	assert_int_equal(write_btf(btf, path), 0);
	assert_int_equal(functions_load(path, &functions, NULL), 0);
	assert_int_equal(functions_kfunc(functions, "schedule"), first);
	unlink(path);
	functions_free(&functions);
	btf__free(btf);
}

/* Helpers are kernel functions too, but no kfuncs. */
static void test_table(void **state)
{
	_cleanup_functions_ struct functions *functions = tiny_kernel();
	uint32_t more[] = {(uint32_t)functions_kfunc(functions, "bpf_future_kfunc"),
		(uint32_t)functions_kfunc(functions, "bpf_dynptr_size"),
		(uint32_t)functions_kfunc(functions, "bpf_future_kfunc")};
	struct bs_kfuncs table;

	memset(&table, 0xa5, sizeof(table));
	assert_int_equal(functions_table(functions, NULL, 0, &table), 0);
	assert_int_equal(table.n, 5);
	assert_int_equal(functions_table(functions, more, ARRAY_SIZE(more), &table), 0);
	assert_int_equal(table.n, 6);
	for (uint32_t i = 0; i < table.n; i++) {
		const char *name = functions_kfunc_name(functions, table.ids[i]);
		assert_true(i == 0 || table.ids[i - 1] < table.ids[i]);
		assert_true(strcmp(name, "schedule") && strcmp(name, "bpf_send_signal"));
	}
	assert_int_equal(table._pad, 0);
	for (uint32_t i = table.n; i < ARRAY_SIZE(table.ids); i++)
		assert_int_equal(table.ids[i], 0);
}

static void test_table_full(void **state)
{
	_cleanup_functions_ struct functions *functions = tiny_kernel();
	uint32_t more[64 * BS_KFUNC_WORDS];
	struct bs_kfuncs table = {.n = 77};

	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		more[i] = 1000 + (uint32_t)i;
	assert_int_equal(functions_table(functions, more, ARRAY_SIZE(more) - 5, &table), 0);
	assert_int_equal(table.n, ARRAY_SIZE(table.ids));
	table.n = 77;
	assert_int_equal(functions_table(functions, more, ARRAY_SIZE(more), &table), -E2BIG);
	assert_int_equal(table.n, 77);
}

static void check_load(const void *data, size_t size, int expected)
{
	char path[] = "/tmp/test_functions.XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	struct functions *functions = NULL;
	struct diag diag = {0};

	assert_int_equal(write_all(fd, data, size), 0);
	assert_int_equal(functions_load(path, &functions, &diag), expected);
	assert_null(functions);
	assert_true(diag.message[0] && diag.hint[0]);
	assert_int_equal(functions_load(path, &functions, NULL), expected);
	unlink(path);
}

static void test_no_btf(void **state)
{
	struct functions *functions = NULL;
	struct btf *empty = btf__new_empty();
	uint32_t size;
	const void *data = btf__raw_data(empty, &size);

	assert_int_equal(functions_load("/nonexistent", &functions, NULL), -ENOENT);
	check_load("no BTF", 6, -EINVAL);
	check_load("", 0, -EINVAL);
	check_load(data, size, -EINVAL); /* no enum bpf_func_id */
	btf__free(empty);
	functions_free(&functions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_helper),
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_unknown_is_in_all),
		cmocka_unit_test(test_group_words),
		cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_kfuncs),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_table_full),
		cmocka_unit_test(test_no_btf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
