/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "bpf/contract/abi.h"
#include "bpf/contract/rules.h"
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
	check("fsession", BPF_PROG_TYPE_TRACING, BS_FSESSION, ATTACH_TARGET_BTF);
	check("fentry.multi", BPF_PROG_TYPE_TRACING, 59, ATTACH_TARGET_NONE);
	check("fexit.multi", BPF_PROG_TYPE_TRACING, 60, ATTACH_TARGET_NONE);
	check("fsession.multi", BPF_PROG_TYPE_TRACING, 61, ATTACH_TARGET_NONE);
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

/* Each attach type of a known kernel has a kind: of its name, or of its number. */
static void test_attach_types(void **state)
{
	struct attach_kind kind;
	size_t n;
	const char *const *words = attach_kind_names(&n);

	for (unsigned type = 0; type < BS_ATTACH_TYPE_END; type++) {
		const char *name = attach_type_name(type);
		bool known;
		assert_non_null(name);
		known = attach_kind_is_never(name) || attach_kind_find(name, &kind) == 0;
		for (size_t i = 0; i < n && !known; i++)
			known = attach_kind_find(words[i], &kind) == 0 && kind.attach_type == type;
		if (!known)
			fail_msg("'%s' has no kind", name);
	}
}

/* --- the rules of one kind ------------------------------------------------------------------ */

/* One item of `attach:` against a program for the target, or one without a known target (NULL). */
static bool allows(bool deny, const char *word, const char *rule_target, uint32_t attach_type,
	const char *target)
{
	struct attach_kind kind;
	struct bs_verdict verdict;
	struct bs_load load = {.n_attach = 1, .attach_line = 3};

	assert_int_equal(attach_kind_find(word, &kind), 0);
	load.attach[0] = (struct bs_attach_rule){
		.type = kind.type, .attach_type = kind.attach_type, .deny = deny, .line = 4};
	strcpy(load.attach[0].target.bytes, rule_target);
	memset(load.attach[0].target.mask, 0xff, *rule_target ? 64 : 0);
	struct bs_footprint footprint = {.type = kind.type, .attach_type = attach_type};
	if (target) {
		strcpy(footprint.target, target);
		footprint.flags = BS_FOOTPRINT_TARGET;
	}
	if (rules_attach(&load, &footprint, &verdict) == BS_REASON_OK)
		return true;
	assert_int_equal(verdict.reason, BS_REASON_ATTACH);
	assert_int_equal(verdict.line, deny ? 4 : 3);
	return false;
}

/* To a program for many functions the kernel gives the target "bpf_multi_func". */
static void test_denied_parts(void **state)
{
	static const char many[] = "bpf_multi_func";

	assert_false(allows(true, "fentry", "vfs_read", BPF_TRACE_FENTRY, "vfs_read"));
	assert_true(allows(true, "fentry", "vfs_read", BPF_TRACE_FENTRY, "vfs_write"));
	assert_true(allows(true, "fentry", "vfs_read", BPF_TRACE_FEXIT, "vfs_read"));
	/* To many functions: to this one, perhaps. */
	assert_false(allows(true, "fentry", "vfs_read", BS_FENTRY_MULTI, many));
	assert_false(allows(true, "fentry", "vfs_read", BS_FENTRY_MULTI, NULL));
	assert_false(allows(true, "fentry", "", BS_FENTRY_MULTI, many));
	assert_true(allows(true, "fentry", "vfs_read", BS_FEXIT_MULTI, many));
	assert_false(allows(true, "fexit", "vfs_read", BS_FEXIT_MULTI, many));
	assert_false(allows(true, "fsession", "vfs_read", BS_FSESSION_MULTI, many));
	/* A session is at the entry and at the exit. */
	assert_false(allows(true, "fentry", "vfs_read", BS_FSESSION, "vfs_read"));
	assert_false(allows(true, "fexit", "vfs_read", BS_FSESSION, "vfs_read"));
	assert_true(allows(true, "fentry", "vfs_read", BS_FSESSION, "vfs_write"));
	assert_false(allows(true, "fexit", "vfs_read", BS_FSESSION_MULTI, many));
	assert_false(allows(true, "fentry.multi", "", BS_FSESSION_MULTI, many));
	assert_false(allows(true, "fexit.multi", "", BS_FSESSION_MULTI, many));
	assert_true(allows(true, "fexit.multi", "", BS_FENTRY_MULTI, many));
	assert_false(allows(true, "kprobe.multi", "", BS_KPROBE_SESSION, NULL));
	assert_false(allows(true, "uprobe.multi", "", BS_UPROBE_SESSION, NULL));
	assert_true(allows(true, "uprobe.multi", "", BS_KPROBE_SESSION, NULL));
	/* Other kinds go on. */
	assert_true(allows(true, "tp_btf", "sched_switch", BS_FENTRY_MULTI, many));
	assert_false(allows(true, "tracing", "", BS_FENTRY_MULTI, many));
	assert_true(allows(true, "xdp", "lo", BPF_XDP, "eth0"));
}

/* What is allowed is allowed by its own kind. */
static void test_allowed_parts(void **state)
{
	assert_true(allows(false, "fentry.multi", "", BS_FENTRY_MULTI, "bpf_multi_func"));
	assert_true(allows(false, "tracing", "", BS_FENTRY_MULTI, "bpf_multi_func"));
	assert_false(allows(false, "fentry", "", BS_FENTRY_MULTI, "bpf_multi_func"));
	assert_false(allows(false, "fentry", "vfs_read", BS_FSESSION, "vfs_read"));
	assert_false(allows(false, "fentry.multi", "", BPF_TRACE_FENTRY, "vfs_read"));
	assert_false(allows(false, "kprobe.multi", "", BS_KPROBE_SESSION, NULL));
}

/* An attach type that no known kernel has is not granted, whatever `attach:` says. */
static void test_newer(void **state)
{
	const struct bs_program entry = {.flags = BS_PROGRAM_LOADS, .load.types = ~0ULL};
	struct bs_footprint footprint = {
		.type = BPF_PROG_TYPE_KPROBE, .attach_type = BS_ATTACH_TYPE_END - 1};
	struct bs_verdict verdict;

	assert_int_equal(rules_type(&entry, &footprint, &verdict), BS_REASON_OK);
	footprint.attach_type = BS_ATTACH_TYPE_END;
	assert_int_equal(rules_type(&entry, &footprint, &verdict), BS_REASON_ATTACH);
	footprint.type = BPF_PROG_TYPE_STRUCT_OPS; /* the number of a member */
	assert_int_equal(rules_type(&entry, &footprint, &verdict), BS_REASON_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_instead),
		cmocka_unit_test(test_attach_types),
		cmocka_unit_test(test_denied_parts),
		cmocka_unit_test(test_allowed_parts),
		cmocka_unit_test(test_newer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
