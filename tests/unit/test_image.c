/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "policy_files.h"

#include <linux/bpf.h>

#include "src/image.h"
#include "tiny_btf.h"

/* The kernel that every policy here is for. */
static struct functions *kernel;

static int make_kernel(void **state)
{
	kernel = tiny_kernel();
	return kernel ? 0 : -1;
}

static int free_kernel(void **state)
{
	functions_free(&kernel);
	return 0;
}

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

/*
 * The tiny kernel's kfuncs by their place in the table: 0 bpf_task_from_pid, 1 bpf_obj_new_impl,
 * 2 bpf_future_kfunc, which only the policy names, 3 bpf_dynptr_size, 4 bpf_strlen,
 * 5 bpf_copy_from_user_str.
 */
#define BIT(n) (1ULL << (n) % 64)

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
static void expect_built_in(struct bs_files *files)
{
	expect_file(files, BS_FILE_UNSIGNED, "/etc/ld.so.cache", true, 0);
	expect_file(files, BS_FILE_UNSIGNED, "/usr/lib/locale/", false, 0);
	expect_file(files, BS_FILE_UNSIGNED, "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
		true, 0);
	expect_file(files, BS_FILE_UNSIGNED, "/etc/localtime", true, 0);
	expect_file(files, BS_FILE_UNSIGNED, "/usr/share/zoneinfo/", false, 0);
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
	expect_built_in(&program->files);
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
	expect_built_in(&program->files);
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
	expect_built_in(&expected[3].value.program.files);
	strcpy(expected[4].key.name, "carol");
	expect_carol(&expected[4].value.program);
	strcpy(expected[5].key.name, "dave");
	expect_dave(&expected[5].value.program);
	strcpy(expected[6].key.name, "!kfuncs");
	expected[6].value.kfuncs = (struct bs_kfuncs){.n = 6, .ids = {4, 6, 8, 9, 10, 11}};
	strcpy(expected[7].key.name, "!kernel");
	expected[7].value.kernel.denied = (1ULL << BS_LOCKDOWN_END) - 1 -
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
	assert_int_equal(files->n, POLICY_FILES + 5 + 4);
	assert_int_equal(strlen(files->rules[1].bytes), BS_FILE_SIZE - 1);
	assert_int_equal(files->rules[0].mask[BS_FILE_SIZE - 3], 0xff);
	assert_int_equal(files->rules[0].mask[BS_FILE_SIZE - 2], 0);
	assert_int_equal(files->rules[0].bytes[BS_FILE_SIZE - 2], 0);
	assert_int_equal(files->rules[1].mask[BS_FILE_SIZE - 1], 0xff);
}

static void build_entry(const char *keys, struct image *ret)
{
	_cleanup_policy_ struct policy policy = {0};
	_cleanup_free_ char *text =
		format_text("version: 1\nprograms:\n  alice:\n    signer: acme\n%s", keys);

	assert_int_equal(policy_parse("test.yaml", text, strlen(text), &policy, NULL), 0);
	assert_int_equal(image_build(&policy, kernel, fake_ring, &(unsigned){0}, ret, NULL), 0);
}

static void expect_pod(struct bs_place *place, const char *space, bool exact_space,
	const char *name, bool exact_name)
{
	struct bs_pod_rule *rule = &place->pods[place->n_pods++];

	strcpy(rule->space.bytes, space);
	memset(rule->space.mask, 0xff, exact_space ? 64 : strlen(space));
	strcpy(rule->name, name);
	memset(rule->name_mask, 0xff, exact_name ? 128 : strlen(name));
}

static void expect_part(struct bs_place *place, const char *name, bool exact)
{
	struct bs_cgroup_rule *rule = &place->cgroup[place->depth++];

	strcpy(rule->name, name);
	memset(rule->mask, 0xff, exact ? 128 : strlen(name));
}

static void test_place(void **state)
{
	_cleanup_(image_done) struct image image = {0};
	struct bs_place expected = {.pods_line = 5, .cgroup_line = 6};

	expect_pod(&expected, "kube-system", true, "alice-", false);
	expect_pod(&expected, "debug", true, "", false);
	expect_pod(&expected, "", false, "node-exporter", true);
	expect_pod(&expected, "team-", false, "a.b", true);
	expect_part(&expected, "kubepods.slice", true);
	expect_part(&expected, "kubepods-", false);
	expect_part(&expected, "", false);
	build_entry("    pods: [kube-system/alice-*, debug/*, '*/node-exporter', team-*/a.b]\n"
		    "    cgroup: /kubepods.slice/kubepods-*/*\n"
		    "    user-namespace: any\n",
		&image);
	const struct bs_program *program = &image.entries[1].value.program;
	assert_memory_equal(&program->place, &expected, sizeof(expected));
	assert_int_equal(program->flags, BS_PROGRAM_PLACED | BS_PROGRAM_ANY_NAMESPACE);
}

/* Each of the keys alone. */
static void check_place_flags(const char *keys, uint32_t flags)
{
	_cleanup_(image_done) struct image image = {0};
	static const struct bs_place nowhere;

	build_entry(keys, &image);
	const struct bs_program *program = &image.entries[1].value.program;
	assert_int_equal(program->flags, flags);
	if (!(flags & BS_PROGRAM_PLACED))
		assert_memory_equal(&program->place, &nowhere, sizeof(nowhere));
}

static void test_place_flags(void **state)
{
	check_place_flags("", 0);
	check_place_flags("    pods: [a/b]\n", BS_PROGRAM_PLACED);
	check_place_flags("    cgroup: /a\n", BS_PROGRAM_PLACED);
	check_place_flags("    user-namespace: any\n", BS_PROGRAM_ANY_NAMESPACE);
	check_place_flags("    user-namespace: init\n", 0);
}

/* The longest namespace, name and part, and as many as there can be. */
static void test_longest_place(void **state)
{
	_cleanup_(image_done) struct image image = {0};
	char keys[4096] = "    pods: [", space[64] = "", name[128] = "";

	memset(space, 's', 63);
	memset(name, 'n', 127);
	sprintf(keys + strlen(keys), "%s/%s, '%s*/%s*', ", space, name, space, name);
	for (unsigned i = 2; i < BS_PODS; i++)
		sprintf(keys + strlen(keys), "a/%u, ", i);
	sprintf(keys + strlen(keys), "]\n    cgroup: '/1/2/3/4/5/6/%.126s*/8'\n", name);
	build_entry(keys, &image);
	const struct bs_place *place = &image.entries[1].value.program.place;
	assert_int_equal(place->n_pods, BS_PODS);
	assert_string_equal(place->pods[0].name, name);
	assert_string_equal(place->pods[0].space.bytes, space);
	assert_int_equal(place->pods[0].space.mask[63], 0xff);
	assert_int_equal(place->pods[0].name_mask[127], 0xff);
	assert_string_equal(place->pods[1].space.bytes, space);
	assert_int_equal(place->pods[1].space.mask[62], 0xff);
	assert_int_equal(place->pods[1].space.mask[63], 0);
	assert_int_equal(place->pods[1].name_mask[127], 0);
	assert_int_equal(place->depth, BS_CGROUP_DEPTH);
	assert_int_equal(place->cgroup[6].mask[125], 0xff);
	assert_int_equal(place->cgroup[6].mask[126], 0);
	assert_string_equal(place->cgroup[7].name, "8");
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
	static const struct policy policy = {.version = 1};
	_cleanup_(image_done) struct image image = {0};

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
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_unknown_function),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_ring_error),
		cmocka_unit_test(test_file_ring_error),
		cmocka_unit_test(test_longest_files),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_place_flags),
		cmocka_unit_test(test_longest_place),
		cmocka_unit_test(test_ring_zero),
		cmocka_unit_test(test_no_programs),
		cmocka_unit_test(test_done_twice),
	};
	return cmocka_run_group_tests(tests, make_kernel, free_kernel);
}
