/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files read_*.c of src/policy, and show.c of the same. */

#include "src/base/base.h"
#include "src/names/names.h"
#include "tests/unit/policy_files.h"

#include <linux/bpf.h>

static const char grants[] = "version: 1\n"
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
	assert_shown(grants, "version: 1\n"
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

static const char inside[] = "version: 1\n"
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
	check_value(&policy.programs[0].files.collateral, BS_COLLATERAL_OFF, 0);
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
	assert_shown(inside, "version: 1\n"
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

static const char places[] = "version: 1\n"
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
	assert_shown(places,
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

/* What an entry is known by, and what else it wants; other digits of one digest are the same. */
static void test_conditions(void **state)
{
	static const char text[] =
		"version: 1\n"
		"programs:\n"
		"  alice: {signer: acme, require: [builtin], measure: true}\n"
		"  bob:\n"
		"    require: [ima, builtin]\n"
		"    digests: [\"sha256:"
		"00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\"]\n";
	_cleanup_policy_ struct policy policy = {0};

	assert_int_equal(parse(text, &policy, NULL), 0);
	const struct policy_program *alice = &policy.programs[0], *bob = &policy.programs[1];
	check_value(&alice->require, 1 << CONDITION_BUILTIN, 3);
	check_value(&alice->measure, 1, 3);
	check_value(&bob->require, 1 << CONDITION_IMA | 1 << CONDITION_BUILTIN, 5);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_show_grants),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_show_inside),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_show_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
