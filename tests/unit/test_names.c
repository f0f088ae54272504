/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include <linux/bpf.h>

#include "bpf/contract/abi.h"
#include "src/names/names.h"
#include "src/base/text.h"

static void test_prog_types(void **state)
{
	assert_string_equal(prog_type_name(BPF_PROG_TYPE_XDP), "xdp");
	assert_string_equal(prog_type_name(BPF_PROG_TYPE_SOCKET_FILTER), "socket_filter");
	assert_int_equal(prog_type_find("xdp"), BPF_PROG_TYPE_XDP);
	assert_int_equal(prog_type_find("lsm"), BPF_PROG_TYPE_LSM);
	assert_int_equal(prog_type_find("XDP"), -ENOENT);
	assert_int_equal(prog_type_find(""), -ENOENT);
	assert_null(prog_type_name(63));
	assert_null(prog_type_name(64));
	assert_null(prog_type_name(UINT_MAX));
}

/* A record may hold 0; no policy may name it. */
static void test_unspec(void **state)
{
	assert_string_equal(prog_type_name(BPF_PROG_TYPE_UNSPEC), "unspec");
	assert_int_equal(prog_type_find("unspec"), -ENOENT);
}

/* Younger than libbpf 1.1.2. */
static void test_newer_types(void **state)
{
	assert_string_equal(prog_type_name(32), "netfilter");
	assert_int_equal(prog_type_find("netfilter"), 32);
	assert_string_equal(map_type_name(33), "arena");
	assert_string_equal(map_type_name(35), "rhash");
}

/* Every type of the kernel headers, without a hole, both ways, and each once. */
static void test_prog_type_names(void **state)
{
	size_t n, n_again;
	const char *const *names = prog_type_names(&n);

	assert_true(n >= 32);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(names[i]);
		assert_int_equal(prog_type_find(names[i]), i + 1);
		assert_string_equal(prog_type_name((unsigned)i + 1), names[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	assert_ptr_equal(prog_type_names(&n_again), names);
	assert_int_equal(n, n_again);
}

static void test_map_types(void **state)
{
	assert_string_equal(map_type_name(BPF_MAP_TYPE_HASH), "hash");
	assert_string_equal(map_type_name(BPF_MAP_TYPE_RINGBUF), "ringbuf");
	assert_null(map_type_name(1000));
	assert_null(map_type_name(UINT_MAX));
	for (unsigned type = 0; type <= 32; type++)
		assert_non_null(map_type_name(type));
}

static void test_roles(void **state)
{
	assert_string_equal(role_name(BS_ROLE_EXECUTABLE), "executable");
	assert_string_equal(role_name(BS_ROLE_ORDER), "order");
	assert_string_equal(role_name(BS_ROLE_NONE), "none");
	assert_string_equal(role_name(BS_ROLE_END), "unknown");
	assert_string_equal(role_name(UINT_MAX), "unknown");
	for (unsigned role = BS_ROLE_NONE + 1; role < BS_ROLE_END; role++)
		assert_int_equal(role_find(role_name(role)), role);
	assert_int_equal(role_find("none"), -ENOENT);
	assert_int_equal(role_find("unknown"), -ENOENT);
	assert_int_equal(role_find(""), -ENOENT);
}

/* A word is what scripts compare: lower case, no space, none twice. */
static void check_words(const char *(*name)(unsigned number), unsigned end)
{
	for (unsigned i = 0; i < end; i++) {
		assert_true(name_is_valid(name(i)));
		assert_string_not_equal(name(i), "unknown");
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name(i), name(j));
	}
	assert_string_equal(name(end), "unknown");
	assert_string_equal(name(UINT_MAX), "unknown");
}

static void test_ops(void **state)
{
	check_words(op_name, BS_OP_END);
	assert_string_equal(op_name(BS_OP_EXEC), "exec");
	assert_string_equal(op_name(BS_OP_ORDER), "order");
}

static void test_reasons(void **state)
{
	check_words(reason_name, BS_REASON_END);
	assert_string_equal(reason_name(BS_REASON_OK), "ok");
	assert_string_equal(reason_name(BS_REASON_HELPER_FAILED), "internal");
	assert_string_equal(reason_sentence(BS_REASON_TRACED), "the task is being traced");
	assert_string_equal(reason_cure(BS_REASON_UNSIGNED), "bpfsign sign FILE");
	for (unsigned reason = 0; reason < BS_REASON_END; reason++) {
		assert_true(reason_sentence(reason)[0]);
		assert_non_null(reason_cure(reason));
	}
	assert_string_equal(reason_sentence(BS_REASON_END), "unknown");
	assert_string_equal(reason_cure(UINT_MAX), "");
}

/* libbpf's words, and ours for what the oldest libbpf does not know. */
static void test_attach_types(void **state)
{
	assert_string_equal(attach_type_name(0), "cgroup_inet_ingress");
	assert_string_equal(attach_type_name(37), "xdp");
	assert_string_equal(attach_type_name(46), "tcx_ingress");
	assert_string_equal(attach_type_name(55), "netkit_peer");
	assert_string_equal(attach_type_name(56), "trace_kprobe_session");
	assert_string_equal(attach_type_name(59), "trace_fentry_multi");
	assert_null(attach_type_name(1000));
	assert_null(attach_type_name(UINT_MAX));
}

/* By number: a policy's word is its place. */
static void test_policy_words(void **state)
{
	size_t n;

	assert_string_equal(scope_names(&n)[BS_SCOPE_UNPINNED], "unpinned");
	assert_string_equal(scope_names(&n)[BS_SCOPE_OWN], "own");
	assert_int_equal(n, BS_SCOPE_ANY + 1);
	assert_string_equal(map_access_names(&n)[BS_ACCESS_READ], "ro");
	assert_string_equal(program_access_names(&n)[BS_ACCESS_WRITE], "replace");
	assert_int_equal(n, BS_ACCESS_WRITE + 1);
	assert_string_equal(switch_names(&n)[1], "allow");
	assert_string_equal(truth_names(&n)[1], "true");
	assert_int_equal(n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prog_types),
		cmocka_unit_test(test_unspec),
		cmocka_unit_test(test_newer_types),
		cmocka_unit_test(test_prog_type_names),
		cmocka_unit_test(test_map_types),
		cmocka_unit_test(test_attach_types),
		cmocka_unit_test(test_policy_words),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
