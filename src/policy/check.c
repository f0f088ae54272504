/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Does a well-formed policy make sense? Errors are what would lock the administrator out
 * or let a control program be misused; warnings are grants that are wider than they look.
 * A new check is one function and a line in policy_check(), in check_grants() when it is
 * about `load:`, `maps:` or `programs:`, in check_files() when it is about files, in
 * check_place() when it is about where the program runs, in check_conditions() or check_kernel().
 */

#include "src/policy/check.h"

#include <string.h>

#include <linux/bpf.h>

#include "src/base/base.h"
#include "src/names/names.h"

/*
 * Programs that run or load what they are told to: whoever may start one has its rights.
 * A version at the end is ignored: python3.11 is python.
 */
static const char *const generic_loaders[] = {
	"awk",
	"bash",
	"bpftool",
	"bpftrace",
	"busybox",
	"dash",
	"fish",
	"gawk",
	"gdb",
	"ip",
	"ksh",
	"lua",
	"luajit",
	"node",
	"perf",
	"perl",
	"php",
	"ply",
	"python",
	"ruby",
	"sh",
	"stap",
	"tc",
	"tclsh",
	"zsh",
};

/*
 * Types that can read kernel memory or change what the kernel does, at a place of the loader's
 * choice.
 */
#define BIT(type) (1ULL << BPF_PROG_TYPE_##type)
static const uint64_t hooking_types = BIT(KPROBE) | BIT(TRACEPOINT) | BIT(PERF_EVENT) |
				      BIT(RAW_TRACEPOINT) | BIT(RAW_TRACEPOINT_WRITABLE) |
				      BIT(TRACING) | BIT(STRUCT_OPS) | BIT(EXT) | BIT(LSM);

static bool is_generic_loader(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(generic_loaders); i++) {
		size_t n = strlen(generic_loaders[i]);
		if (strncmp(name, generic_loaders[i], n) == 0 &&
			name[n + strspn(name + n, "0123456789.-")] == 0)
			return true;
	}
	return false;
}

/* The program itself, or a path that it may run by, is called like a generic loader. */
static const char *generic_name(const struct policy_program *program)
{
	if (is_generic_loader(program->name))
		return program->name;
	for (size_t i = 0; i < program->n_exec; i++) {
		const char *base = strrchr(program->exec[i], '/') + 1;
		if (is_generic_loader(base))
			return base;
	}
	return NULL;
}

static void check_locked_out(struct complaints *complaints)
{
	const struct policy *policy = complaints->policy;
	struct diag diag;

	for (size_t i = 0; i < policy->n_programs; i++)
		if (strcmp(policy->programs[i].name, "watchbpf") == 0)
			return;
	if (policy->n_programs == 0)
		diag_set(&diag, 0,
			"the policy has no 'programs': it would lock out everybody, and 'watchbpf' itself");
	else
		diag_set(&diag, 0,
			"no program 'watchbpf': the policy would lock out watchbpf itself");
	diag_hint(&diag, "add under 'programs:' the line 'watchbpf: {signer: NAME}'");
	complain_at(complaints, /* error= */ true, (struct position){0}, &diag);
}

static void check_control(struct complaints *complaints, const struct policy_program *program)
{
	struct diag diag;

	if (!program->is_control || !program->load.present)
		return;
	diag_set(&diag, 0, "'load' is not allowed for the control program '%s'", program->name);
	diag_hint(&diag, "remove it; a tool that loads programs needs another name");
	complain_at(complaints, /* error= */ true, program->position, &diag);
}

/* The first of `maps:` that grants anything, or NULL. */
static const struct policy_object *granted_map(const struct policy_objects *maps)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->items[i].access != BS_ACCESS_NONE)
			return &maps->items[i];
	return NULL;
}

static bool is_any(const struct policy_value *scope)
{
	return scope->key.line && scope->number == BS_SCOPE_ANY;
}

/* A generic loader, or everybody, is granted more than its own maps. */
static void check_foreign_maps(
	struct complaints *complaints, const char *who, const struct policy_program *program)
{
	const struct policy_object *map = granted_map(&program->maps);
	struct diag diag;

	if (!map && !is_any(&program->load.map_writes) && !is_any(&program->load.map_reads))
		return;
	if (map)
		diag_set(&diag, 0, "'maps' grants maps of others to %s", who);
	else
		diag_set(&diag, 0, "every map is granted to the programs of %s", who);
	diag_hint(&diag, "grant this to the single tools that need it");
	complain_at(complaints, /* error= */ false, map ? map->position : program->position, &diag);
}

static void check_generic(struct complaints *complaints, const struct policy_program *program)
{
	uint64_t types = program->load.types & hooking_types;
	const char *generic = generic_name(program);
	struct diag diag;
	char text[256];

	if (!generic)
		return;
	snprintf(text, sizeof(text), "'%s', and so to whoever may run it", generic);
	check_foreign_maps(complaints, text, program);
	if (!types)
		return;
	diag_set(&diag, 0,
		"'%s' loads what it is told to, and may load %s: whoever may run it can hook the kernel",
		generic, complain_types(types, text, sizeof(text)));
	diag_hint(&diag, "grant these types to the single tools that need them");
	complain_at(complaints, /* error= */ false, program->position, &diag);
}

static void check_unsigned(struct complaints *complaints)
{
	const struct policy_program *entry = &complaints->policy->unsigned_;
	uint64_t types = entry->load.types & hooking_types;
	struct diag diag;
	char text[256];

	check_foreign_maps(complaints, "'unsigned', which is everybody", entry);
	if (!types)
		return;
	diag_set(&diag, 0,
		"'unsigned' may load %s: any root process, an attacker's too, can hook the kernel and undo the enforcement",
		complain_types(types, text, sizeof(text)));
	diag_hint(&diag, "sign the tools that need these types, and remove them here");
	complain_at(complaints, /* error= */ false, entry->position, &diag);
}

unsigned policy_check(const struct policy *policy, policy_complaint_fn complain, void *userdata)
{
	struct complaints complaints = {
		.policy = policy, .complain = complain, .userdata = userdata};

	check_locked_out(&complaints);
	for (size_t i = 0; i < policy->n_programs; i++) {
		check_control(&complaints, &policy->programs[i]);
		check_generic(&complaints, &policy->programs[i]);
		check_grants(&complaints, &policy->programs[i]);
		check_files(&complaints, &policy->programs[i]);
		check_place(&complaints, &policy->programs[i]);
	}
	check_conditions(&complaints);
	check_unsigned(&complaints);
	check_grants(&complaints, &policy->unsigned_);
	check_kernel(&complaints);
	return complaints.n_errors;
}
