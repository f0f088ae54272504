/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The helpers and kfuncs of one kernel, out of its BTF, and what bpf/contract/functions.def says of
 * them. A table keeps the functions by name: libbpf's look-up by name walks the BTF for each name.
 */

#include "src/names/functions.h"

#include <fcntl.h>
#include <search.h>
#include <string.h>

#include <bpf/btf.h>

#include "src/base/file.h"
#include "src/base/text.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

#define HELPERS (64 * BS_HELPER_WORDS) /* numbers beyond these no policy can speak of */

struct functions {
	struct btf *btf;
	char *helpers[HELPERS];      /* "bpf_probe_read", by number */
	struct hsearch_data by_name; /* BTF ids of kernel functions; the names are the BTF's */
};

/* The groups by their short names, for the masks of functions.def. */
enum group_bit {
#define GROUP(id, word, doc) id = 1 << FUNCTION_GROUP_##id,
#include "bpf/contract/groups.def"
#undef GROUP
};
#define ALL_GROUPS ((1U << FUNCTION_GROUP_END) - 1)

struct judged {
	const char *name;
	uint32_t groups;
};
#define FUNCTION(name, groups) {#name, groups},
static const struct judged judged_helpers[] = {
#include "bpf/contract/helpers.def"
};
static const struct judged judged_kfuncs[] = {
#include "bpf/contract/kfuncs.def"
};
#undef FUNCTION

/* --- functions.def -------------------------------------------------------------------------- */

static const struct judged *find_judged(const struct judged *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static const struct judged *find_function(const char *name)
{
	const struct judged *helper = find_judged(judged_helpers, ARRAY_SIZE(judged_helpers), name);

	return helper ?: find_judged(judged_kfuncs, ARRAY_SIZE(judged_kfuncs), name);
}

const char *const *function_names(size_t *ret_n)
{
	static const char *const names[] = {
#define FUNCTION(name, groups) #name,
#include "bpf/contract/functions.def"
#undef FUNCTION
	};
	*ret_n = ARRAY_SIZE(names);
	return names;
}

bool function_is_known(const char *name)
{
	return find_function(name);
}

bool function_is_helper(const char *name)
{
	return find_judged(judged_helpers, ARRAY_SIZE(judged_helpers), name);
}

uint32_t function_groups(const char *name)
{
	const struct judged *function = find_function(name);

	return function ? function->groups : ALL_GROUPS;
}

struct group {
	const char *word, *doc;
};
static const struct group groups[] = {
#define GROUP(id, word, doc) {word, doc},
#include "bpf/contract/groups.def"
#undef GROUP
};

int function_group_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (strcmp(groups[i].word, word) == 0)
			return (int)i;
	return -ENOENT;
}

bool function_is_group(const char *word)
{
	return strcmp(word, FUNCTION_PLAIN) == 0 || function_group_find(word) >= 0;
}

const char *function_group_name(unsigned group)
{
	return group < ARRAY_SIZE(groups) ? groups[group].word : "unknown";
}

const char *function_group_doc(unsigned group)
{
	return group < ARRAY_SIZE(groups) ? groups[group].doc : "unknown";
}

/* --- one kernel's BTF ----------------------------------------------------------------------- */

static size_t count_functions(const struct btf *btf)
{
	size_t n = 0;

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++)
		n += btf_is_func(btf__type_by_id(btf, id));
	return n;
}

/* Of several with one name the first counts, as libbpf would find it. */
static int index_functions(struct functions *functions)
{
	const struct btf *btf = functions->btf;
	size_t n = count_functions(btf);
	ENTRY *entry;

	if (!hcreate_r(n + n / 4 + 1, &functions->by_name)) /* full ones are slow */
		return -ENOMEM;
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		ENTRY new = {.data = (void *)(uintptr_t)id};
		if (!btf_is_func(type))
			continue;
		new.key = (char *)btf__name_by_offset(btf, type->name_off);
		if (!hsearch_r(new, ENTER, &entry, &functions->by_name))
			return -ENOMEM;
	}
	return 0;
}

/* The enumerators BPF_FUNC_X of enum bpf_func_id; BPF_FUNC_unspec is none. */
static int name_helpers(struct functions *functions)
{
	static const char prefix[] = "BPF_FUNC_";
	int id = btf__find_by_name_kind(functions->btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(functions->btf, (uint32_t)id) : NULL;

	for (unsigned i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_enum *value = &btf_enum(type)[i];
		const char *name = btf__name_by_offset(functions->btf, value->name_off);
		if (strncmp(name, prefix, strlen(prefix)) != 0 || value->val <= 0 ||
			value->val >= HELPERS || functions->helpers[value->val])
			continue;
		functions->helpers[value->val] = format_text("bpf_%s", name + strlen(prefix));
		if (!functions->helpers[value->val])
			return -ENOMEM;
	}
	return type ? 0 : -EINVAL;
}

/* libbpf has a word of its own for each way in which a file is no BTF. */
static int parse_btf(const char *path, struct functions *functions)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);

	if (fd < 0)
		return fd;
	functions->btf = btf__parse_raw(path);
	if (!functions->btf)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	int r = name_helpers(functions);
	return r < 0 ? r : index_functions(functions);
}

int functions_load(const char *path, struct functions **ret, struct diag *reterr)
{
	_cleanup_functions_ struct functions *functions = calloc(1, sizeof(*functions));

	if (!functions)
		return diag_set(reterr, -ENOMEM, "out of memory");
	path = path ?: VMLINUX_BTF;
	int r = parse_btf(path, functions);
	if (r < 0) {
		diag_set(reterr, r, "can't read the kernel's functions from '%s': %s", path,
			r == -EINVAL ? "no BTF with enum bpf_func_id" : strerror(-r));
		diag_hint(reterr, "the kernel needs CONFIG_DEBUG_INFO_BTF");
		return r;
	}
	*ret = TAKE_PTR(functions);
	return 0;
}

void functions_free(struct functions **functions)
{
	if (!*functions)
		return;
	for (unsigned i = 0; i < HELPERS; i++)
		free((*functions)->helpers[i]);
	hdestroy_r(&(*functions)->by_name);
	btf__free((*functions)->btf);
	free(*functions);
	*functions = NULL;
}

int functions_helper(const struct functions *functions, const char *name)
{
	for (unsigned i = 0; i < HELPERS; i++)
		if (functions->helpers[i] && strcmp(functions->helpers[i], name) == 0)
			return (int)i;
	return -ENOENT;
}

const char *functions_helper_name(const struct functions *functions, unsigned helper)
{
	return helper < HELPERS ? functions->helpers[helper] : NULL;
}

int functions_kfunc(const struct functions *functions, const char *name)
{
	struct hsearch_data *by_name = (struct hsearch_data *)&functions->by_name; /* only read */
	ENTRY *found;

	if (!hsearch_r((ENTRY){.key = (char *)name}, FIND, &found, by_name))
		return -ENOENT;
	return (int)(uintptr_t)found->data;
}

const char *functions_kfunc_name(const struct functions *functions, uint32_t btf_id)
{
	const struct btf_type *type = btf__type_by_id(functions->btf, btf_id);

	return type && btf_is_func(type) ? btf__name_by_offset(functions->btf, type->name_off)
					 : NULL;
}

/* --- the table of kfuncs -------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* Adds an id unless it is there; -E2BIG. The table is sorted only at the end. */
static int add_id(struct bs_kfuncs *table, uint32_t id)
{
	for (uint32_t i = 0; i < table->n; i++)
		if (table->ids[i] == id)
			return 0;
	if (table->n == ARRAY_SIZE(table->ids))
		return -E2BIG;
	table->ids[table->n++] = id;
	return 0;
}

int functions_table(const struct functions *functions, const uint32_t *more, size_t n_more,
	struct bs_kfuncs *ret)
{
	struct bs_kfuncs table = {0};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(judged_kfuncs) && r == 0; i++) {
		int id = functions_kfunc(functions, judged_kfuncs[i].name);
		if (id > 0)
			r = add_id(&table, (uint32_t)id);
	}
	for (size_t i = 0; i < n_more && r == 0; i++)
		r = add_id(&table, more[i]);
	if (r < 0)
		return r;
	qsort(table.ids, table.n, sizeof(table.ids[0]), compare_ids);
	*ret = table;
	return 0;
}
