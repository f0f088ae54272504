/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"
#include "tests/unit/images.h"

/* The defaults of `load: {types: …}`, and what `allow` takes away. */
static void build(const char *load, struct image *ret, struct diag *reterr)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_free_ char *text = format_text("version: 1\nunsigned: {load: {%s}}\n", load);

	if (policy_parse("dir/test.yaml", text, strlen(text), &policy, reterr) < 0)
		fail_msg("%s: %s", load, reterr->message);
	image_build(&policy, kernel, fake_ring, NULL, ret, reterr);
}

static void test_defaults(void **state)
{
	_cleanup_(image_done) struct image image = {0};
	struct diag diag;

	build("types: [socket_filter]", &image, &diag);
	const struct bs_load *load = &image.entries[0].value.program.load;
	assert_int_equal(image.entries[0].value.program.flags, BS_PROGRAM_LOADS);
	assert_int_equal(load->map_writes.value, BS_SCOPE_OWN);
	assert_int_equal(load->map_reads.value, BS_SCOPE_OWN);
	assert_int_equal(load->max_instructions.value, 0);
	assert_int_equal(load->max_maps.value, BS_ANY);
	assert_int_equal(load->n_attach, 0);
	for (unsigned cause = 0; cause < BS_CAUSE_LISTS; cause++) {
		assert_int_equal(load->denied[cause].unnamed, 1);
		assert_int_equal(load->denied[cause].helpers_line, 0);
	}
	assert_int_equal(load->denied[BS_CAUSE_LISTS].unnamed, 0);
	assert_int_equal(load->denied[BS_CAUSE_LISTS].helpers[1], 0);
}

/* Denied helpers 0 to 127 and 128 to 255, and kfuncs. */
static void check_lists(const char *text, const char *expected)
{
	_cleanup_(image_done) struct image image = {0};
	_cleanup_free_ char *all = format_text("types: [xdp], %s", text);
	char denied[512] = "";
	size_t used = 0;
	struct diag diag;

	build(all, &image, &diag);
	const struct bs_denied *lists = &image.entries[0].value.program.load.denied[BS_CAUSE_LISTS];
	for (unsigned i = 0; i < 256; i++)
		if (lists->helpers[i / 64] & BIT(i))
			used += (size_t)snprintf(denied + used, sizeof(denied) - used, "%u ", i);
	for (unsigned i = 0; i < 512; i++)
		if (lists->kfuncs[i / 64] & BIT(i))
			used += (size_t)snprintf(denied + used, sizeof(denied) - used, "k%u ", i);
	snprintf(denied + used, sizeof(denied) - used, "%s", lists->unnamed ? "unnamed" : "");
	assert_string_equal(denied, expected);
}

static void test_lists(void **state)
{
	/* 1 lookup 4 read 6 printk 23 redirect 36 write_user 109 signal 112 113 181 loop 212 */
	check_lists("helpers: [loop]", "1 4 6 23 36 109 112 113 212 ");
	check_lists("helpers: [plain]", "4 6 23 36 109 112 113 212 ");
	check_lists("helpers: [plain, signals, bpf_future_helper]", "4 6 23 36 112 113 ");
	check_lists("helpers: {allow: [plain], deny: [loop]}", "4 6 23 36 109 112 113 181 212 ");
	check_lists("helpers: {deny: [loop, send_signal]}", "109 181 ");
	check_lists("helpers: {deny: [plain]}", "1 181 k1 k2 ");
	check_lists("helpers: {deny: [kernel-reads]}", "4 6 113 212 k0 k3 unnamed");
	check_lists("kfuncs: {deny: [kernel-reads]}", "4 6 113 212 k0 k3 unnamed");
	check_lists("kfuncs: [plain]", "k0 k3 k4 unnamed");
	check_lists("kfuncs: [kernel-reads]", "k1 k2 k4 unnamed");
	check_lists("kfuncs: {deny: [bpf_obj_new_impl]}", "k1 ");
	/* In functions.def, but not in this kernel: nothing to deny or allow. */
	check_lists("helpers: {deny: [snprintf]}", "");
	check_lists("kfuncs: {deny: [bpf_rdonly_cast]}", "");
	/* With a name of its own the newer kfunc has place 2 in the table. */
	check_lists("kfuncs: {deny: [bpf_future_kfunc]}", "k2 ");
	check_lists("kfuncs: [bpf_future_kfunc]", "k0 k1 k3 k4 k5 unnamed");
}

static void check_unknown(const char *text, const char *expected)
{
	_cleanup_free_ char *all = format_text("types: [xdp], %s", text);
	struct image image = {0};
	struct diag diag = {0};

	build(all, &image, &diag);
	assert_null(image.entries);
	_cleanup_free_ char *line = diag_line(&diag);
	assert_string_equal(line, expected);
}

static void test_unknown_function(void **state)
{
	check_unknown("helpers: {deny: [bpf_lop]}",
		"test.yaml:2:50: there is no helper 'bpf_lop', in this kernel or any known; did you mean 'bpf_loop'?\n");
	check_unknown("kfuncs: [bpf_much_further_away]",
		"test.yaml:2:42: there is no kfunc 'bpf_much_further_away', in this kernel or any known; remove it, or write a group of bpfsign-policy(5)\n");
}

/* A target as the kernel side will say it: without the prefix of the name in the BTF. */
static void check_target(const char *type, const char *item, const char *expected)
{
	_cleanup_(image_done) struct image image = {0};
	_cleanup_free_ char *text = format_text("types: [%s], attach: [%s]", type, item);
	struct diag diag;

	build(text, &image, &diag);
	const struct bs_attach_rule *rule = &image.entries[0].value.program.load.attach[0];
	assert_string_equal(rule->target.bytes, expected);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(rule->target.mask[i],
			i < strlen(expected) || !strchr(item, '*') ? 0xff : 0);
}

static void test_targets(void **state)
{
	check_target("tracing", "fentry/tcp_*", "tcp_");
	check_target("tracing", "fexit/tcp_connect", "tcp_connect");
	check_target("tracing", "tp_btf/sched_switch", "sched_switch");
	check_target("tracing", "iter/task*", "task");
	check_target("tracing", "fentry/*", "");
	check_target("lsm", "lsm/file_open", "file_open");
	check_target("lsm", "lsm/file_*", "file_");
	check_target("struct_ops", "struct_ops/tcp_congestion_ops", "tcp_congestion_ops");
	check_target("tracepoint", "tracepoint/syscalls/*", "syscalls/");
	check_target("sched_cls", "tcx_ingress/eth0", "eth0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_unknown_function),
		cmocka_unit_test(test_targets),
	};
	return cmocka_run_group_tests(tests, make_kernel, free_kernel);
}
