/* SPDX-License-Identifier: GPL-2.0-or-later */

/* policy_parse.c, with schema.c and reader.c below it, and policy_show.c, its inverse. */

#include "policy_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <linux/bpf.h>

static int parse(const char *text, struct policy *ret, struct diag *reterr)
{
	return policy_parse("dir/test.yaml", text, strlen(text), ret, reterr);
}

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

static const char grants[] =
	"version: 1\n"
	"programs:\n"
	"  alice:\n"
	"    signer: acme\n"
	"    load:\n"
	"      types: [tracing, xdp]\n"
	"      attach: {deny: [xdp/eth0], allow: [fentry/tcp_*, xdp]}\n"
	"      helpers: [loop, plain]\n"
	"      kfuncs: {deny: [bpf_obj_drop, signals]}\n"
	"      kernel-reads: allow\n"
	"      user-writes: deny\n"
	"      map-writes: none\n"
	"      map-reads: any\n"
	"      max-instructions: 1\n"
	"      max-maps: 4294967294\n"
	"      signed-programs: true\n"
	"    maps: {\"bob:ct*\": ro, Ct: rw}\n"
	"    programs: {\"unsigned:*\": replace}\n"
	"    maps-compat: true\n";

static void check_value(const struct policy_value *value, uint64_t number, unsigned line)
{
	assert_int_equal(value->number, number);
	assert_int_equal(value->key.line, line);
}

static void check_attach(const struct policy_attach *attach, const char *name, uint32_t type,
	uint32_t attach_type, const char *target, bool deny)
{
	assert_string_equal(attach->kind.name, name);
	assert_int_equal(attach->kind.type, type);
	assert_int_equal(attach->kind.attach_type, attach_type);
	assert_string_equal(attach->target, target);
	assert_int_equal(attach->deny, deny);
	assert_int_equal(attach->position.line, 7);
}

static void check_words(const struct policy_load *load)
{
	assert_int_equal(load->helpers.n, 2);
	assert_string_equal(load->helpers.items[0].text, "bpf_loop");
	assert_string_equal(load->helpers.items[1].text, "plain");
	assert_false(load->helpers.items[0].deny);
	assert_int_equal(load->helpers.items[0].position.column, 17);
	assert_int_equal(load->kfuncs.n, 2);
	assert_string_equal(load->kfuncs.items[0].text, "bpf_obj_drop");
	assert_string_equal(load->kfuncs.items[1].text, "signals");
	assert_true(load->kfuncs.items[1].deny);
}

static void check_object(const struct policy_object *object, const char *owner, const char *name,
	uint32_t access, unsigned line)
{
	assert_string_equal(object->owner, owner);
	assert_string_equal(object->name, name);
	assert_int_equal(object->access, access);
	assert_int_equal(object->position.line, line);
}

static void test_grants(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(grants, &policy, NULL), 0);
	const struct policy_program *alice = &policy.programs[0];
	const struct policy_load *load = &alice->load;
	assert_int_equal(load->types_key.line, 6);
	assert_int_equal(load->attach_key.line, 7);
	assert_int_equal(load->n_attach, 3);
	check_attach(&load->attach[0], "xdp", BPF_PROG_TYPE_XDP, BS_ANY, "eth0", true);
	check_attach(&load->attach[1], "fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "tcp_*",
		false);
	check_attach(&load->attach[2], "xdp", BPF_PROG_TYPE_XDP, BS_ANY, "", false);
	check_words(load);
	check_value(&load->kernel_reads, 1, 10);
	check_value(&load->user_reads, 0, 0);
	check_value(&load->user_writes, 0, 11);
	check_value(&load->map_writes, BS_SCOPE_NONE, 12);
	check_value(&load->map_reads, BS_SCOPE_ANY, 13);
	check_value(&load->max_instructions, 1, 14);
	check_value(&load->max_maps, 4294967294, 15);
	check_value(&load->signed_programs, 1, 16);
	assert_int_equal(alice->maps.n, 2);
	check_object(&alice->maps.items[0], "bob", "ct*", BS_ACCESS_READ, 17);
	check_object(&alice->maps.items[1], "", "Ct", BS_ACCESS_WRITE, 17);
	assert_int_equal(alice->programs.n, 1);
	check_object(&alice->programs.items[0], "unsigned", "*", BS_ACCESS_WRITE, 18);
	check_value(&alice->maps_compat, 1, 19);
}

static void test_show_grants(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(grants, &policy, NULL), 0);
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown, "version: 1\n"
				   "programs:\n"
				   "  alice:\n"
				   "    signer: acme\n"
				   "    load:\n"
				   "      types: [xdp, tracing]\n"
				   "      attach:\n"
				   "        allow: [\"fentry/tcp_*\", xdp]\n"
				   "        deny: [xdp/eth0]\n"
				   "      helpers:\n"
				   "        allow: [bpf_loop, plain]\n"
				   "      kfuncs:\n"
				   "        deny: [bpf_obj_drop, signals]\n"
				   "      kernel-reads: allow\n"
				   "      user-writes: deny\n"
				   "      map-writes: none\n"
				   "      map-reads: any\n"
				   "      max-instructions: 1\n"
				   "      max-maps: 4294967294\n"
				   "      signed-programs: true\n"
				   "    maps:\n"
				   "      \"bob:ct*\": ro\n"
				   "      \"Ct\": rw\n"
				   "    programs:\n"
				   "      \"unsigned:*\": replace\n"
				   "    maps-compat: true\n");
}

static const char inside[] =
	"version: 1\n"
	"programs:\n"
	"  watchbpf: {signer: acme}\n"
	"  bpfsign: {signer: acme, collateral: off}\n"
	"  alice:\n"
	"    signer: acme\n"
	"    collateral: strict\n"
	"    unsigned-files: [/var/lib/alice/*, \"/etc/a b\"]\n"
	"    libraries: trusted-paths\n"
	"    jit: allow\n"
	"    file-signers: [debian, \"off\"]\n"
	"  bob:\n"
	"    signer: acme\n"
	"    jit: deny\n"
	"    libraries: signed\n"
	"    collateral:\n"
	"      - /etc/bob.conf\n";

static void check_file(const struct policy_file *file, const char *path, unsigned line)
{
	assert_string_equal(file->path, path);
	assert_int_equal(file->position.line, line);
}

static void test_inside(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(inside, &policy, NULL), 0);
	const struct policy_files *alice = &policy.programs[2].files;
	const struct policy_files *bob = &policy.programs[3].files;
	check_value(&policy.programs[0].files.collateral, 0, 0);
	assert_int_equal(policy_collateral(&policy.programs[0]), BS_COLLATERAL_OFF);
	check_value(&policy.programs[1].files.collateral, BS_COLLATERAL_OFF, 4);
	check_value(&alice->collateral, BS_COLLATERAL_STRICT, 7);
	assert_int_equal(alice->unsigned_files.n, 2);
	assert_int_equal(alice->unsigned_files.key.line, 8);
	check_file(&alice->unsigned_files.items[0], "/var/lib/alice/*", 8);
	check_file(&alice->unsigned_files.items[1], "/etc/a b", 8);
	check_value(&alice->libraries, BS_LIBRARIES_TRUSTED_PATHS, 9);
	check_value(&alice->jit, 1, 10);
	assert_int_equal(alice->n_signers, 2);
	assert_string_equal(alice->signers[0].name, "debian");
	assert_int_equal(alice->signers[0].position.column, 20);
	check_value(&bob->collateral, BS_COLLATERAL_LISTED, 16);
	assert_int_equal(bob->signed_files.n, 1);
	check_file(&bob->signed_files.items[0], "/etc/bob.conf", 17);
	check_value(&bob->libraries, BS_LIBRARIES_SIGNED, 15);
	check_value(&bob->jit, 0, 14);
}

static void test_show_inside(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(inside, &policy, NULL), 0);
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown,
		"version: 1\n"
		"programs:\n"
		"  watchbpf:\n"
		"    signer: acme\n"
		"    # collateral: off (by default: it verifies what it reads)\n"
		"  bpfsign:\n"
		"    signer: acme\n"
		"    collateral: \"off\"\n"
		"  alice:\n"
		"    signer: acme\n"
		"    collateral: strict\n"
		"    unsigned-files: [\"/var/lib/alice/*\", \"/etc/a b\"]\n"
		"    libraries: trusted-paths\n"
		"    jit: allow\n"
		"    file-signers: [debian, \"off\"]\n"
		"  bob:\n"
		"    signer: acme\n"
		"    collateral: [/etc/bob.conf]\n"
		"    libraries: signed\n"
		"    jit: deny\n");
}

static const char places[] =
	"version: 1\n"
	"programs:\n"
	"  alice:\n"
	"    signer: acme\n"
	"    user-namespace: any\n"
	"    cgroup: /kubepods.slice/kubepods-*/*\n"
	"    pods: [kube-system/alice-*,\n"
	"      debug/*, \"*/node-exporter\"]\n"
	"  bob: {signer: acme, cgroup: '/a b', user-namespace: init}\n";

static void check_pod(
	const struct policy_pod *pod, const char *space, const char *name, unsigned line)
{
	assert_string_equal(pod->space, space);
	assert_string_equal(pod->name, name);
	assert_int_equal(pod->position.line, line);
}

static void test_place(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(places, &policy, NULL), 0);
	const struct policy_place *alice = &policy.programs[0].place;
	const struct policy_place *bob = &policy.programs[1].place;
	assert_int_equal(alice->n_pods, 3);
	assert_int_equal(alice->pods_key.line, 7);
	check_pod(&alice->pods[0], "kube-system", "alice-*", 7);
	check_pod(&alice->pods[1], "debug", "*", 8);
	check_pod(&alice->pods[2], "*", "node-exporter", 8);
	assert_int_equal(alice->pods[2].position.column, 16);
	assert_string_equal(alice->cgroup, "/kubepods.slice/kubepods-*/*");
	assert_int_equal(alice->cgroup_key.line, 6);
	check_value(&alice->any_namespace, 1, 5);
	assert_int_equal(bob->n_pods, 0);
	assert_int_equal(bob->pods_key.line, 0);
	assert_string_equal(bob->cgroup, "/a b");
	check_value(&bob->any_namespace, 0, 9);
}

static void test_show_place(void **state)
{
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(places, &policy, NULL), 0);
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown,
		"version: 1\n"
		"programs:\n"
		"  alice:\n"
		"    signer: acme\n"
		"    pods: [\"kube-system/alice-*\", \"debug/*\", \"*/node-exporter\"]\n"
		"    cgroup: \"/kubepods.slice/kubepods-*/*\"\n"
		"    user-namespace: any\n"
		"  bob:\n"
		"    signer: acme\n"
		"    cgroup: \"/a b\"\n"
		"    user-namespace: init\n");
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
	assert_int_equal(policy_collateral(&policy.programs[0]), BS_COLLATERAL_STRICT);
	assert_int_equal(policy.programs[0].n_exec, 0);
	assert_false(policy.programs[0].latest);
	assert_int_equal(policy.programs[0].min_sequence, 0);
}

/* What an entry is known by, and what else it wants; other digits of one digest are the same. */
static void test_conditions(void **state)
{
	static const char text[] = "version: 1\n"
		"programs:\n"
		"  alice: {signer: acme, require: [builtin], measure: true}\n"
		"  bob:\n"
		"    require: [ima, builtin]\n"
		"    digests: [\"sha256:"
		"00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\"]\n";
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(text, &policy, NULL), 0);
	const struct policy_program *alice = &policy.programs[0], *bob = &policy.programs[1];
	check_value(&alice->require, 1 << POLICY_BUILTIN, 3);
	check_value(&alice->measure, 1, 3);
	check_value(&bob->require, 1 << POLICY_IMA | 1 << POLICY_BUILTIN, 5);
	check_value(&bob->measure, 0, 0);
	assert_int_equal(bob->digests.n, 1);
	assert_int_equal(bob->digests.items[0].bytes[31], 0xff);
	assert_int_equal(bob->digests.items[0].position.line, 6);
	assert_string_equal(bob->signer, "");
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown,
		"version: 1\n"
		"programs:\n"
		"  alice:\n"
		"    signer: acme\n"
		"    require: [builtin]\n"
		"    measure: true\n"
		"  bob:\n"
		"    digests: [\"sha256:"
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"]\n"
		"    require: [ima, builtin]\n");
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
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(text, &policy, NULL), 0);
	_cleanup_free_ char *shown = policy_show(&policy);
	assert_string_equal(shown, "version: 1\n"
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
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_show_grants),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_show_inside),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_show_place),
		cmocka_unit_test(test_absent_is_least),
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
