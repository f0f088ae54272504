/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * names WHAT [BTF [KALLSYMS]]: does this version of bpfsign know each of the kernel's names? Those
 * of the running kernel are read from its BTF; a line for each that is not known, and exit
 * status 1.
 */

#include "tests/vm/lib/act.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>

#include <bpf/btf.h>

#include "bpf/contract/abi.h"
#include "bpf/contract/rules_attach.h"
#include "src/base/base.h"
#include "src/names/attach.h"
#include "src/names/functions.h"
#include "src/names/names.h"

static struct btf *kernel;
static unsigned n_names, n_unknown;

static void count(bool known, const char *name)
{
	n_names++;
	if (known)
		return;
	n_unknown++;
	printf("%s is not known\n", name);
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* --- enums ---------------------------------------------------------------------------------- */

/* Does this version know the number under this name, of an enumerator without its prefix? */
typedef bool known_as(uint32_t value, const char *name);

static const struct btf_type *enum_named(const char *name)
{
	int id = btf__find_by_name_kind(kernel, name, BTF_KIND_ENUM);

	need(id > 0, name);
	return btf__type_by_id(kernel, (uint32_t)id);
}

/* Some enumerator of that value is known; others are its older names. */
static bool is_value_known(
	const struct btf_type *type, size_t prefix, uint32_t value, known_as *known)
{
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(kernel, btf_enum(type)[i].name_off);
		if ((uint32_t)btf_enum(type)[i].val == value && strlen(name) > prefix &&
			known(value, name + prefix))
			return true;
	}
	return false;
}

/* All enumerators PREFIX_…; __MAX_… ends the numbers, and is none. */
static void count_enum(const char *enum_name, const char *prefix, known_as *known)
{
	const struct btf_type *type = enum_named(enum_name);

	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum *value = &btf_enum(type)[i];
		const char *name = btf__name_by_offset(kernel, value->name_off);
		if (starts_with(name, prefix))
			count(is_value_known(type, strlen(prefix), (uint32_t)value->val, known),
				name);
	}
}

/* Is it "cgroup_inet_ingress" for CGROUP_INET_INGRESS? */
static bool is_word_of(const char *word, const char *name)
{
	size_t i = 0;

	for (; word && word[i] && word[i] == tolower(name[i]); i++)
		;
	return word && !word[i] && !name[i];
}

static bool is_attach_type_known(uint32_t type, const char *name)
{
	const char *word = attach_type_name(type);
	struct attach_kind kind;
	size_t n;
	const char *const *words = attach_kind_names(&n);

	if (!is_word_of(word, name) || type >= BS_ATTACH_TYPE_END)
		return false;
	if (attach_kind_is_never(word) || attach_kind_find(word, &kind) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (attach_kind_find(words[i], &kind) == 0 && kind.attach_type == type)
			return true;
	return false;
}

static bool is_program_type_known(uint32_t type, const char *name)
{
	return is_word_of(prog_type_name(type), name);
}

static bool is_map_type_known(uint32_t type, const char *name)
{
	return is_word_of(map_type_name(type), name);
}

static void act_attach_types(char **argument)
{
	count_enum("bpf_attach_type", "BPF_", is_attach_type_known);
}

static void act_program_types(char **argument)
{
	count_enum("bpf_prog_type", "BPF_PROG_TYPE_", is_program_type_known);
}

static void act_map_types(char **argument)
{
	count_enum("bpf_map_type", "BPF_MAP_TYPE_", is_map_type_known);
}

static const struct {
	const char *name, *class;
	uint32_t number;
} commands[] = {
#define COMMAND(name, number, class, op) {#name, #class, number},
#include "bpf/contract/commands.def"
#undef COMMAND
};

static bool is_command_known(uint32_t number, const char *name)
{
	if (strcmp(name, "COMMON_ATTRS") == 0) /* a flag beside the command */
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].number == number && strcmp(commands[i].name, name) == 0)
			return true;
	return false;
}

/* Also how each is decided: enum command_class of bpf/judge/request.bpf.h. */
static void act_commands(char **argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("%s: %s\n", commands[i].name, commands[i].class);
	count_enum("bpf_cmd", "BPF_", is_command_known);
}

static bool is_helper_known(uint32_t number, const char *name)
{
	char function[128];

	snprintf(function, sizeof(function), "bpf_%s", name);
	return function_is_helper(function) && number < 64 * BS_HELPER_WORDS;
}

static void act_helpers(char **argument)
{
	count_enum("bpf_func_id", "BPF_FUNC_", is_helper_known);
}

/* NONE and the ends of the levels are nothing to ask about; of BPF the verifier asks. */
static bool is_lockdown_reason_known(uint32_t number, const char *name)
{
	static const char *const words[] = {
#define LOCKDOWN(id, word, level, doc) #id,
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
		"NONE", "INTEGRITY_MAX", "CONFIDENTIALITY_MAX", "BPF_WRITE_USER",
		"BPF_READ_KERNEL"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static void act_lockdown_reasons(char **argument)
{
	count_enum("lockdown_reason", "LOCKDOWN_", is_lockdown_reason_known);
}

/* --- kfuncs --------------------------------------------------------------------------------- */

/* The kernel's own tests of calls and of fmod_ret (net/bpf/test_run.c), see functions.def. */
static bool is_of_tests(const char *name)
{
	return starts_with(name, "bpf_fentry_test") ||
	       starts_with(name, "bpf_modify_return_test") || starts_with(name, "bpf_kfunc_call_");
}

static void count_kfunc(const char *name)
{
	if (!is_of_tests(name))
		count(function_is_known(name) && !function_is_helper(name), name);
}

/* The functions with the tag "bpf_kfunc"; false: the kernel's BTF was made without such tags. */
static bool count_tagged(void)
{
	bool any = false;

	for (uint32_t id = 1; id < btf__type_cnt(kernel); id++) {
		const struct btf_type *tag = btf__type_by_id(kernel, id);
		if (!btf_is_decl_tag(tag) ||
			strcmp(btf__name_by_offset(kernel, tag->name_off), "bpf_kfunc") != 0)
			continue;
		const struct btf_type *function = btf__type_by_id(kernel, tag->type);
		count_kfunc(btf__name_by_offset(kernel, function->name_off));
		any = true;
	}
	return any;
}

/*
 * The members of the kernel's sets of ids with flags (include/linux/btf_ids.h), by their symbols,
 * which are in the order of their addresses: "__BTF_ID__set8__NAME", and 8 bytes each from there
 * on "__BTF_ID__func__NAME__NUMBER". Sets of fmod_ret's targets have no kfuncs.
 */
static void count_in_sets(const char *kallsyms)
{
	static const char set[] = "__BTF_ID__set8__", function[] = "__BTF_ID__func__";
	FILE *file = fopen(kallsyms, "re");
	unsigned long long address, next = 0;
	char name[512];

	need(file != NULL, kallsyms);
	while (fscanf(file, "%llx %*c %511s%*[^\n]", &address, name) == 2) {
		if (starts_with(name, set)) {
			next = strstr(name, "fmodret") ? 0 : address + 8;
		} else if (starts_with(name, function) && address && address == next) {
			char *end = strrchr(name, '_');
			need(end - name > (long)strlen(function), name);
			end[-1] = '\0';
			count_kfunc(name + strlen(function));
			next += 8;
		} else if (starts_with(name, "__BTF_ID__")) {
			next = 0;
		}
	}
	fclose(file);
}

static void act_kfuncs(char **argument)
{
	if (!count_tagged())
		count_in_sets(argument[0] && argument[1] ? argument[1] : "/proc/kallsyms");
}

static const struct act acts[] = {
	{"attach-types", 0, act_attach_types, "[BTF]"},
	{"program-types", 0, act_program_types, "[BTF]"},
	{"map-types", 0, act_map_types, "[BTF]"},
	{"commands", 0, act_commands, "[BTF]"},
	{"helpers", 0, act_helpers, "[BTF]"},
	{"lockdown-reasons", 0, act_lockdown_reasons, "[BTF]"},
	{"kfuncs", 0, act_kfuncs, "[BTF [KALLSYMS]]"},
};

int main(int argc, char **argv)
{
	kernel = btf__parse_raw(argc > 2 ? argv[2] : "/sys/kernel/btf/vmlinux");
	need(kernel != NULL, "the kernel's BTF");
	int status = ACT_MAIN(acts, argv);
	need(n_names > 10, "there are next to no names");
	printf("%u names, %u not known\n", n_names, n_unknown);
	btf__free(kernel);
	return n_unknown ? REFUSED : status;
}
