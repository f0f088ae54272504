/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"
#include "tests/unit/images.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_place_flags),
		cmocka_unit_test(test_longest_place),
	};
	return cmocka_run_group_tests(tests, make_kernel, free_kernel);
}
