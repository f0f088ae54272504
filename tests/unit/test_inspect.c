/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Footprints are what libbpf would load, and verdicts are those of bpf/contract/rules.h. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/libbpf.h>

#include "src/inspect/inspect.h"
#include "tests/unit/tiny_btf.h"

#define OBJECT OBJECT_DIR "/tests/unit/inspect.o"

static int silence(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

/* Relocated and linked together, but handed to no kernel: libbpf makes a loader out of it. */
static struct bpf_object *link_object(const char *path)
{
	LIBBPF_OPTS(gen_loader_opts, options);
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	assert_non_null(object);
	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program, true);
	assert_int_equal(bpf_object__gen_loader(object, &options), 0);
	assert_int_equal(bpf_object__load(object), 0);
	return object;
}

static void expect_as_linked(const char *path)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	struct bpf_object *object = link_object(path);
	struct bpf_program *program;
	struct diag diag;
	size_t n = 0;

	assert_int_equal(inspect_object(path, &inspection, &diag), 0);
	bpf_object__for_each_program (program, object) {
		const struct inspect_program *other = &inspection.programs[n++];
		assert_string_equal(other->name, bpf_program__name(program));
		assert_int_equal(other->footprint.type, bpf_program__type(program));
		assert_int_equal(other->footprint.instructions, bpf_program__insn_cnt(program));
	}
	assert_int_equal(n, inspection.n_programs);
	bpf_object__close(object);
}

static void counts_what_libbpf_loads(void **state)
{
	expect_as_linked(OBJECT);
	expect_as_linked(OBJECT_DIR "/bpf/enforce.bpf.o"); /* our own, which is large */
}

static void expect_functions(const struct inspect_program *program, const char *expected)
{
	char text[512] = "";

	for (size_t i = 0; i < program->n_functions; i++) {
		const struct inspect_function *function = &program->functions[i];
		size_t n = strlen(text);
		if (function->kind == INSPECT_HELPER)
			snprintf(text + n, sizeof(text) - n, "%u ", function->number);
		else
			snprintf(text + n, sizeof(text) - n, "%s%s%s ",
				function->kind == INSPECT_ADDRESS ? "&" : "", function->name,
				function->weak ? "?" : "");
	}
	assert_string_equal(text, expected);
}

static void reads_programs(void **state)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	struct diag diag;

	assert_int_equal(inspect_object(OBJECT, &inspection, &diag), 0);
	assert_string_equal(inspection.license, "GPL");
	assert_int_equal(inspection.n_programs, 3);
	const struct inspect_program *xdp = &inspection.programs[0], *lsm = xdp + 1,
				     *open = xdp + 2;
	assert_string_equal(xdp->section, "xdp");
	assert_int_equal(xdp->footprint.flags, BS_FOOTPRINT_GPL);
	assert_string_equal(lsm->footprint.target, "file_open");
	assert_int_equal(lsm->footprint.flags,
		BS_FOOTPRINT_GPL | BS_FOOTPRINT_SLEEPABLE | BS_FOOTPRINT_TARGET);
	assert_string_equal(open->section, "tracepoint/syscalls/sys_enter_open");
	assert_string_equal(open->footprint.target, "syscalls/sys_enter_open");
	assert_int_equal(open->footprint.flags, BS_FOOTPRINT_GPL); /* told at the attach */
	assert_true(open->optional && !lsm->optional);
}

static void follows_calls_and_callbacks(void **state)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	struct diag diag;

	assert_int_equal(inspect_object(OBJECT, &inspection, &diag), 0);
	expect_functions(&inspection.programs[0], "1 ");
	expect_functions(&inspection.programs[1], "&runqueues 154 bpf_rdonly_cast 1 bpf_nowhere? ");
	expect_functions(&inspection.programs[2], "181 1 bpf_nowhere? ");
}

static const struct inspect_map *named_map(
	const struct inspection *inspection, size_t program, size_t i)
{
	assert_true(i < inspection->programs[program].n_maps);
	return &inspection->maps[inspection->programs[program].maps[i]];
}

static void reads_maps(void **state)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	struct diag diag;

	assert_int_equal(inspect_object(OBJECT, &inspection, &diag), 0);
	assert_int_equal(inspection.n_maps, 3);
	assert_int_equal(inspection.programs[0].n_maps, 1);
	assert_string_equal(named_map(&inspection, 0, 0)->name, "ct_map_tcp4");
	assert_int_equal(named_map(&inspection, 0, 0)->type, BPF_MAP_TYPE_HASH);
	assert_false(named_map(&inspection, 0, 0)->read_only);
	assert_int_equal(inspection.programs[1].n_maps, 2);
	assert_string_equal(named_map(&inspection, 1, 0)->name, "config");
	assert_true(named_map(&inspection, 1, 0)->read_only);
	assert_string_equal(named_map(&inspection, 1, 1)->name, "inspect.data");
}

static void refuses_other_files(void **state)
{
	struct inspection inspection = {.n_maps = 42};
	struct diag diag;

	assert_int_equal(inspect_object("/nonexistent.o", &inspection, &diag), -ENOENT);
	assert_int_equal(inspect_object("/dev/null", &inspection, &diag), -EINVAL);
	assert_int_equal(inspect_object(POLICY_DIR "/../meson.build", &inspection, &diag), -EINVAL);
	assert_int_equal(inspection.n_maps, 42); /* untouched */
}

/* A program that is not from a file: XDP, which sends signals and reads one map. */
static struct inspection sample(void)
{
	struct inspection inspection = {0};
	struct inspect_program *program = inspection_add_program(&inspection);
	struct inspect_map *map = inspection_add_map(&inspection);

	snprintf(map->name, sizeof(map->name), "ct_map_tcp4");
	map->type = BPF_MAP_TYPE_HASH;
	program->footprint.type = BPF_PROG_TYPE_XDP;
	program->footprint.instructions = 100;
	inspect_add_map(program, 0);
	inspect_add_function(program, INSPECT_HELPER, "", 109);
	inspect_add_function(program, INSPECT_HELPER, "", 109);
	inspect_set_owner(&inspection, "alice");
	return inspection;
}

/* An entry that grants what sample() is. */
static struct bs_program granting(void)
{
	struct bs_program entry = {.flags = BS_PROGRAM_LOADS, .line = 3};

	entry.load.types = 1ULL << BPF_PROG_TYPE_XDP | 1ULL << BPF_PROG_TYPE_TRACING |
			   1ULL << BPF_PROG_TYPE_TRACEPOINT;
	entry.load.types_line = 5;
	entry.load.map_writes = (struct bs_value){BS_SCOPE_OWN, 0};
	entry.load.map_reads = (struct bs_value){BS_SCOPE_OWN, 0};
	entry.load.max_maps.value = BS_ANY;
	return entry;
}

static struct inspect_answer expect_answer(const struct bs_program *entry,
	const struct inspection *inspection, uint32_t reason, uint32_t line, uint32_t detail)
{
	struct inspect_answer answer;

	inspect_judge(entry, NULL, inspection, &inspection->programs[0], &answer);
	assert_int_equal(answer.verdict.reason, reason);
	assert_int_equal(answer.verdict.line, line);
	assert_int_equal(answer.verdict.detail, detail);
	return answer;
}

static void judges_programs_by_the_rules(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct bs_program entry = granting();

	inspect_resolve(&inspection, NULL);
	assert_string_equal(inspection.programs[0].functions[0].name, "#109");
	assert_int_equal(inspection.programs[0].n_functions, 1);
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	entry.load.denied[BS_CAUSE_LISTS].helpers[109 / 64] = 1ULL << 109 % 64;
	entry.load.denied[BS_CAUSE_LISTS].helpers_line = 7;
	expect_answer(&entry, &inspection, BS_REASON_HELPER, 7, 109);
	entry.load.max_instructions = (struct bs_value){99, 8};
	expect_answer(&entry, &inspection, BS_REASON_MAX_INSTRUCTIONS, 8, 100);
	entry.load.types = 1ULL << BPF_PROG_TYPE_TRACING;
	expect_answer(&entry, &inspection, BS_REASON_LOAD_TYPE, 5, 0);
	entry.flags = 0;
	expect_answer(&entry, &inspection, BS_REASON_NO_LOAD, 3, 0);
	entry.flags = BS_PROGRAM_CONTROL | BS_PROGRAM_LOADS;
	expect_answer(&entry, &inspection, BS_REASON_COMMAND, 0, 0);
}

/* fmod_ret, and bpf_set_retval (187) where a program of ours is attached too. */
static void grants_nobody_to_outvote_us(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct inspect_program *program = &inspection.programs[0];
	struct bs_program entry = granting();

	entry.load.types = ~0ULL;
	program->footprint.type = BPF_PROG_TYPE_TRACING;
	program->footprint.attach_type = BPF_MODIFY_RETURN;
	expect_answer(&entry, &inspection, BS_REASON_MODIFY_RETURN, 0, 0);
	program->footprint.attach_type = BPF_CGROUP_SYSCTL;
	program->footprint.type = BPF_PROG_TYPE_CGROUP_SYSCTL;
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	program->footprint.helpers[187 / 64] = 1ULL << 187 % 64;
	expect_answer(&entry, &inspection, BS_REASON_MODIFY_RETURN, 0, 0);
	program->footprint.type = BPF_PROG_TYPE_EXT;
	expect_answer(&entry, &inspection, BS_REASON_MODIFY_RETURN, 0, 0);
	program->footprint.type = BPF_PROG_TYPE_LSM;
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	program->footprint.attach_type = BPF_LSM_CGROUP;
	expect_answer(&entry, &inspection, BS_REASON_MODIFY_RETURN, 0, 0);
	program->footprint.type = BPF_PROG_TYPE_CGROUP_SOCKOPT;
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
}

static void judges_maps_by_the_rules(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct bs_program entry = granting();

	entry.load.map_writes = (struct bs_value){BS_SCOPE_NONE, 9};
	struct inspect_answer answer =
		expect_answer(&entry, &inspection, BS_REASON_MAP_WRITES, 9, 0);
	assert_ptr_equal(answer.map, &inspection.maps[0]);
	inspection.maps[0].read_only = true;
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	inspection.maps[0].own = false;
	expect_answer(&entry, &inspection, BS_REASON_MAP_READS, 0, 0);
	entry.load.max_maps = (struct bs_value){0, 11};
	expect_answer(&entry, &inspection, BS_REASON_MAX_MAPS, 11, 1);
}

static void counts_reading_without_a_call(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct bs_program entry = granting();

	entry.load.denied[BS_CAUSE_KERNEL_READS].unnamed = 1;
	entry.load.denied[BS_CAUSE_KERNEL_READS].helpers_line = 6;
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	inspect_add_function(&inspection.programs[0], INSPECT_ADDRESS, "runqueues", 0);
	expect_answer(&entry, &inspection, BS_REASON_KERNEL_READS, 6, BS_DETAIL_ADDRESS);
	inspection.programs[0].footprint.type = BPF_PROG_TYPE_TRACING;
	expect_answer(&entry, &inspection, BS_REASON_KERNEL_READS, 6, BS_DETAIL_CONTEXT);
	assert_int_equal(inspect_groups(&inspection.programs[0]) & 1, 1);
}

/* One that nobody can name counts as whatever is denied. */
static void expect_unnamed(enum inspect_kind kind, const char *name, uint32_t number)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct bs_program entry = granting();

	entry.load.denied[BS_CAUSE_USER_WRITES].unnamed = 1;
	inspect_add_function(&inspection.programs[0], kind, name, number);
	struct inspect_answer answer;
	inspect_judge(&entry, NULL, &inspection, &inspection.programs[0], &answer);
	assert_int_equal(answer.verdict.reason, BS_REASON_USER_WRITES);
}

static void counts_the_unknown_as_everything(void **state)
{
	expect_unnamed(INSPECT_HELPER, "strange", UINT32_MAX);
	expect_unnamed(INSPECT_KFUNC, "stranger", 0);
	expect_unnamed(INSPECT_KFUNC, "strangest", 12345);
}

static void finds_kfuncs_in_the_table(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct inspect_program *program = &inspection.programs[0];
	struct functions *functions = tiny_kernel();
	struct bs_kfuncs kfuncs = {
		.n = 2, .ids = {1, (uint32_t)functions_kfunc(functions, "bpf_task_from_pid")}};
	struct bs_footprint footprint;

	inspect_add_function(program, INSPECT_KFUNC, "bpf_task_from_pid", 0);
	inspect_add_function(program, INSPECT_KFUNC, "bpf_nowhere", 0);
	for (size_t i = 1; i < 3; i++)
		program->functions[i].code = program->functions[i].weak = true;
	inspect_resolve(&inspection, functions);
	assert_string_equal(program->functions[0].name, "bpf_send_signal");
	assert_true(program->functions[2].absent);
	inspect_footprint(program, &kfuncs, &footprint);
	assert_int_equal(footprint.kfuncs[0], 1 << 1);
	assert_false(footprint.flags & BS_FOOTPRINT_UNNAMED); /* a weak one is left out */
	functions_free(&functions);
}

static void asks_for_the_target_at_the_attach(void **state)
{
	_cleanup_inspection_ struct inspection inspection = sample();
	struct bs_footprint *footprint = &inspection.programs[0].footprint;
	struct bs_program entry = granting();
	struct bs_attach_rule *rule = &entry.load.attach[0];

	footprint->type = BPF_PROG_TYPE_TRACEPOINT;
	strcpy(footprint->target, "syscalls/sys_enter_open");
	*rule = (struct bs_attach_rule){.type = BPF_PROG_TYPE_TRACEPOINT,
		.attach_type = BS_ANY,
		.line = 12,
		.target.bytes = "sched/"};
	memset(rule->target.mask, 0xff, 6);
	entry.load.n_attach = 1;
	entry.load.attach_line = 11;
	struct inspect_answer answer = expect_answer(&entry, &inspection, BS_REASON_ATTACH, 11, 0);
	assert_true(answer.at_attach);
	strcpy(footprint->target, "sched/sched_switch");
	expect_answer(&entry, &inspection, BS_REASON_OK, 5, 0);
	strcpy(footprint->target, "syscalls/sys_enter_open");
	footprint->flags |= BS_FOOTPRINT_TARGET; /* told at the load */
	assert_false(expect_answer(&entry, &inspection, BS_REASON_ATTACH, 11, 0).at_attach);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_libbpf_loads),
		cmocka_unit_test(reads_programs),
		cmocka_unit_test(follows_calls_and_callbacks),
		cmocka_unit_test(reads_maps),
		cmocka_unit_test(refuses_other_files),
		cmocka_unit_test(judges_programs_by_the_rules),
		cmocka_unit_test(grants_nobody_to_outvote_us),
		cmocka_unit_test(judges_maps_by_the_rules),
		cmocka_unit_test(counts_reading_without_a_call),
		cmocka_unit_test(counts_the_unknown_as_everything),
		cmocka_unit_test(finds_kfuncs_in_the_table),
		cmocka_unit_test(asks_for_the_target_at_the_attach),
	};
	libbpf_set_print(silence);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
