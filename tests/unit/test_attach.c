/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include <linux/bpf.h>

#include "bpf/contract/abi.h"
#include "src/names/attach.h"
#include "src/names/names.h"

static void check(const char *word, uint32_t type, uint32_t attach_type, enum attach_target target)
{
	struct attach_kind kind;

	if (attach_kind_find(word, &kind) < 0)
		fail_msg("'%s' is no kind", word);
	assert_string_equal(kind.name, word);
	if (kind.type != type || kind.attach_type != attach_type || kind.target != target)
		fail_msg("'%s': %u %u %u", word, kind.type, kind.attach_type, kind.target);
}

static void test_kinds(void **state)
{
	check("fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, ATTACH_TARGET_BTF);
	check("fexit", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, ATTACH_TARGET_BTF);
	check("tp_btf", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, ATTACH_TARGET_BTF);
	check("iter", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, ATTACH_TARGET_BTF);
	check("tracing", BPF_PROG_TYPE_TRACING, BS_ANY, ATTACH_TARGET_NONE);
	check("lsm", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, ATTACH_TARGET_BTF);
	check("lsm_cgroup", BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, ATTACH_TARGET_BTF);
	check("freplace", BPF_PROG_TYPE_EXT, BS_ANY, ATTACH_TARGET_BTF);
	check("struct_ops", BPF_PROG_TYPE_STRUCT_OPS, BS_ANY, ATTACH_TARGET_BTF);
	check("tracepoint", BPF_PROG_TYPE_TRACEPOINT, BS_ANY, ATTACH_TARGET_TRACEPOINT);
	check("kprobe", BPF_PROG_TYPE_KPROBE, 0, ATTACH_TARGET_NONE);
	check("kprobe.multi", BPF_PROG_TYPE_KPROBE, 42, ATTACH_TARGET_NONE);
	check("kprobe.session", BPF_PROG_TYPE_KPROBE, 56, ATTACH_TARGET_NONE);
	check("uprobe.multi", BPF_PROG_TYPE_KPROBE, 48, ATTACH_TARGET_NONE);
	check("perf_event", BPF_PROG_TYPE_PERF_EVENT, BS_ANY, ATTACH_TARGET_NONE);
	check("xdp", BPF_PROG_TYPE_XDP, BS_ANY, ATTACH_TARGET_INTERFACE);
	check("xdp.devmap", BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, ATTACH_TARGET_NONE);
	check("tcx_egress", BPF_PROG_TYPE_SCHED_CLS, 47, ATTACH_TARGET_INTERFACE);
	check("sched_cls", BPF_PROG_TYPE_SCHED_CLS, BS_ANY, ATTACH_TARGET_NONE);
	check("cgroup_inet_ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS,
		ATTACH_TARGET_NONE);
	check("cgroup_inet4_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT,
		ATTACH_TARGET_NONE);
	check("cgroup_unix_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 49, ATTACH_TARGET_NONE);
}

/* Whatever is offered is found; what has no target says what to do instead. */
static void test_names(void **state)
{
	struct attach_kind kind;
	size_t n;
	const char *const *names = attach_kind_names(&n);

	assert_true(n > 70);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(attach_kind_find(names[i], &kind), 0);
		assert_true(kind.target != ATTACH_TARGET_NONE || kind.instead);
		assert_non_null(kind.prefix);
		assert_false(attach_kind_is_never(names[i]));
	}
}

/* By its kind, not by granting the type and the attach type in two words. */
static void test_never(void **state)
{
	struct attach_kind kind;

	assert_true(attach_kind_is_never("fmod_ret"));
	assert_true(attach_kind_is_never("modify_return"));
	assert_int_equal(attach_kind_find("fmod_ret", &kind), -ENOENT);
	assert_int_equal(attach_kind_find("modify_return", &kind), -ENOENT);
	assert_int_equal(attach_kind_find("unspec", &kind), -ENOENT);
	assert_int_equal(attach_kind_find("", &kind), -ENOENT);
}

static void test_instead(void **state)
{
	struct attach_kind kind;

	assert_string_equal(attach_kind_instead("uretprobe"), "kprobe");
	assert_int_equal(attach_kind_find(attach_kind_instead("tp"), &kind), 0);
	assert_null(attach_kind_instead("fentry"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_instead),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
