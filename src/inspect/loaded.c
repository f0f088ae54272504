/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is loaded to a footprint, through bpf(2). The kernel shows a program as the verifier left
 * it: dead code is gone, helpers are addresses or were inlined, typed addresses are numbers. What
 * can't be told from reading the kernel counts as that.
 */

#include "src/base/base.h"
#include "src/inspect/inspect.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/names/functions.h"
#include "src/inspect/kallsyms.h"
#include "src/names/names.h"

#define MAPS_LIMIT   64           /* MAX_USED_MAPS of the kernel */
#define CODE_LIMIT   (1 << 24)    /* instructions; the kernel takes a million before it rewrites */
#define KERNEL_HALF  (1ULL << 63) /* of the address space */
#define PSEUDO_KFUNC 2            /* BPF_PSEUDO_KFUNC_CALL */

static int refuse(int r, const char *what, uint32_t id, struct diag *reterr)
{
	if (r == -ENOENT)
		return diag_set(reterr, r, "there is no %s with id %u", what, id);
	diag_set(reterr, r, "can't look into %s %u: %s", what, id, strerror(-r));
	if (r == -EPERM)
		diag_hint(reterr,
			"under enforcement not even bpfsign may look into what others loaded: "
			"inspect the object file, and see 'watchbpf list' for owners; else be root");
	return r;
}

static int read_map(uint32_t id, struct inspection *ret)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, options, .open_flags = BPF_F_RDONLY);
	_cleanup_close_ int fd = bpf_map_get_fd_by_id_opts(id, &options);
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	int r = fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, &info, &size);

	if (r < 0)
		return r;
	struct inspect_map *map = inspection_add_map(ret);
	if (!map)
		return -ENOMEM;
	snprintf(map->name, sizeof(map->name), "%s", info.name);
	snprintf(map->owner, sizeof(map->owner), BS_OWNER_BEFORE);
	map->id = id;
	map->type = info.type;
	map->read_only = info.map_flags & BPF_F_RDONLY_PROG;
	return 0;
}

int inspect_loaded_map(uint32_t id, struct inspection *ret, struct diag *reterr)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	int r = read_map(id, &inspection);

	if (r < 0)
		return refuse(r, "map", id, reterr);
	*ret = inspection;
	inspection = (struct inspection){0};
	return 0;
}

/* The verifier calls bpf_map_lookup_elem() as the function of the map's type. */
static int map_operation(const struct functions *functions, const char *symbol)
{
	static const char *const operations[] = {"lookup_elem", "update_elem", "delete_elem",
		"push_elem", "pop_elem", "peek_elem", "lookup_percpu_elem"};

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		char name[64];
		size_t n = strlen(symbol), m = strlen(operations[i]);
		snprintf(name, sizeof(name), "bpf_map_%s", operations[i]);
		if (n > m && strcmp(symbol + n - m, operations[i]) == 0)
			return functions_helper(functions, name);
	}
	return -ENOENT;
}

/* bpf_perf_event_output_tp is one of the functions behind bpf_perf_event_output. */
static int without_end(const struct functions *functions, const char *symbol)
{
	char name[128];

	snprintf(name, sizeof(name), "%s", symbol);
	for (char *end = name; end; end = strrchr(name, '_')) {
		if (end != name)
			*end = 0;
		int helper = functions_helper(functions, name);
		if (helper > 0)
			return helper;
	}
	return -ENOENT;
}

/* And bpf_xdp_redirect is the bpf_redirect of XDP. */
static int variant(const struct functions *functions, const char *symbol)
{
	int helper = without_end(functions, symbol);

	for (const char *rest = strchr(symbol, '_'); helper < 0 && rest;) {
		char name[128];
		rest = strchr(rest + 1, '_');
		if (!rest)
			break;
		snprintf(name, sizeof(name), "bpf%s", rest);
		helper = without_end(functions, name);
		if (helper < 0 && strcmp(rest, "_event_output") == 0)
			helper = functions_helper(functions, "bpf_perf_event_output");
	}
	return helper;
}

/* The helper whose code is at this address; one that has no number is called by its symbol. */
static int add_helper(struct inspect_program *program, const struct functions *functions,
	const struct kallsyms *kallsyms, uint64_t address)
{
	const char *symbol, *first = NULL;
	int helper = -ENOENT;
	size_t place = 0;

	while (helper < 0 && (symbol = kallsyms_name(kallsyms, address, &place))) {
		first = first ?: symbol;
		helper = map_operation(functions, symbol);
		if (helper < 0)
			helper = variant(functions, symbol);
	}
	if (helper > 0)
		return inspect_add_function(program, INSPECT_HELPER, "", (uint32_t)helper);
	return inspect_add_function(program, INSPECT_HELPER, first ?: "?", UINT32_MAX);
}

/* By its BTF id where the JIT can reach all of the kernel, else by its address. */
static int add_kfunc(struct inspect_program *program, const struct functions *functions,
	const struct kallsyms *kallsyms, uint64_t address, int32_t id)
{
	size_t place = 0;
	const char *name = kallsyms_name(kallsyms, address, &place);

	if (!name || functions_kfunc(functions, name) < 0)
		name = functions_kfunc_name(functions, (uint32_t)id);
	int r = inspect_add_function(program, INSPECT_KFUNC, name ?: "?", 0);
	for (size_t i = 0; r == 0 && i < program->n_functions; i++)
		program->functions[i].code = program->functions[i].kind == INSPECT_KFUNC;
	return r;
}

static int read_code(struct inspect_program *program, const struct functions *functions,
	const struct bpf_insn *code, size_t n)
{
	_cleanup_(kallsyms_free) struct kallsyms *kallsyms = NULL;
	int r = kallsyms_load(&kallsyms);
	uint64_t base = r == 0 ? kallsyms_find(kallsyms, "__bpf_call_base") : 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		uint64_t address = base + (uint64_t)(int64_t)code[i].imm;
		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW)) {
			uint64_t value = (uint32_t)code[i].imm;
			if (++i < n)
				value |= (uint64_t)(uint32_t)code[i].imm << 32;
			if (code[i - 1].src_reg == 0 && value >= KERNEL_HALF)
				r = inspect_add_function(program, INSPECT_ADDRESS, "?", 0);
		} else if (code[i].code != (BPF_JMP | BPF_CALL)) {
			continue;
		} else if (code[i].src_reg == PSEUDO_KFUNC) {
			r = add_kfunc(program, functions, kallsyms, address, code[i].imm);
		} else if (code[i].src_reg == 0) {
			r = add_helper(program, functions, kallsyms, address);
		}
	}
	return r;
}

/* Tells only tracing programs that are attached what they were loaded for. */
static void read_attach(uint32_t id, struct inspect_program *ret)
{
	uint32_t link = 0;

	while (bpf_link_get_next_id(link, &link) == 0) {
		_cleanup_close_ int fd = bpf_link_get_fd_by_id(link);
		struct bpf_link_info info = {0};
		uint32_t size = sizeof(info);
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.prog_id != id ||
			info.type != BPF_LINK_TYPE_TRACING)
			continue;
		ret->footprint.attach_type = info.tracing.attach_type;
		snprintf(ret->attach, sizeof(ret->attach), "%s",
			attach_type_name(info.tracing.attach_type) ?: "?");
		return;
	}
}

static void read_info(const struct bpf_prog_info *info, const struct functions *functions,
	struct inspect_program *ret)
{
	const char *target =
		info->attach_btf_id ? functions_kfunc_name(functions, info->attach_btf_id) : NULL;

	snprintf(ret->name, sizeof(ret->name), "%s", info->name);
	ret->id = info->id;
	ret->footprint.type = info->type;
	ret->footprint.instructions = info->xlated_prog_len / sizeof(struct bpf_insn);
	if (info->gpl_compatible)
		ret->footprint.flags |= BS_FOOTPRINT_GPL;
	if (!target)
		return;
	if (info->type == BPF_PROG_TYPE_LSM && strncmp(target, "bpf_lsm_", 8) == 0)
		target += 8; /* as the kernel side names it */
	snprintf(ret->footprint.target, sizeof(ret->footprint.target), "%s", target);
	ret->footprint.flags |= BS_FOOTPRINT_TARGET;
}

/* Two calls: one for the sizes, one for what is that large. */
static int read_program(int fd, const struct functions *functions, struct inspection *ret)
{
	uint32_t maps[MAPS_LIMIT] = {0}, size = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = {0};
	int r = bpf_obj_get_info_by_fd(fd, &info, &size);
	uint32_t length = info.xlated_prog_len, n_maps = info.nr_map_ids;

	if (r < 0)
		return r;
	if (length == 0 || length > CODE_LIMIT * sizeof(struct bpf_insn))
		return -EPERM; /* kernel.kptr_restrict and kernel.perf_event_paranoid decide */
	_cleanup_free_ struct bpf_insn *code = calloc(1, length);
	struct inspect_program *program = inspection_add_program(ret);
	if (!code || !program)
		return -ENOMEM;
	info = (struct bpf_prog_info){.xlated_prog_insns = (uintptr_t)code,
		.xlated_prog_len = length,
		.map_ids = (uintptr_t)maps,
		.nr_map_ids = n_maps > MAPS_LIMIT ? MAPS_LIMIT : n_maps};
	r = bpf_obj_get_info_by_fd(fd, &info, &size);
	if (r < 0)
		return r;
	read_info(&info, functions, program);
	read_attach(info.id, program);
	r = read_code(program, functions, code, length / sizeof(*code));
	for (uint32_t i = 0; r == 0 && i < info.nr_map_ids && i < MAPS_LIMIT; i++) {
		r = read_map(maps[i], ret);
		if (r == 0)
			r = inspect_add_map(&ret->programs[0], ret->n_maps - 1);
	}
	return r;
}

int inspect_loaded_program(
	uint32_t id, const struct functions *functions, struct inspection *ret, struct diag *reterr)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	int r = fd < 0 ? fd : read_program(fd, functions, &inspection);

	if (r < 0)
		return refuse(r, "program", id, reterr);
	*ret = inspection;
	inspection = (struct inspection){0};
	return 0;
}
