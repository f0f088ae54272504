/* SPDX-License-Identifier: GPL-2.0-or-later */

/* /proc/kallsyms, read once and sorted by address. */

#include "src/inspect/kallsyms.h"

#include <inttypes.h>
#include <string.h>

#include "src/base/file.h"

#define KALLSYMS_LIMIT (256 << 20) /* bytes */

struct entry {
	uint64_t address;
	const char *name; /* in text */
};

struct kallsyms {
	struct bytes text;
	struct entry *entries;
	size_t n;
};

void kallsyms_free(struct kallsyms **kallsyms)
{
	if (!*kallsyms)
		return;
	bytes_done(&(*kallsyms)->text);
	free((*kallsyms)->entries);
	free(*kallsyms);
	*kallsyms = NULL;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->address == y->address ? 0 : x->address < y->address ? -1 : 1;
}

/* "ffffffff81000000 T name\t[module]"; ends the name in place. */
static void add_line(struct kallsyms *kallsyms, char *line)
{
	char *rest;
	uint64_t address = strtoull(line, &rest, 16);

	if (!address || strlen(rest) < 4)
		return;
	rest += 3;
	rest[strcspn(rest, "\t")] = 0;
	kallsyms->entries[kallsyms->n++] = (struct entry){address, rest};
}

static int parse(struct kallsyms *kallsyms)
{
	char *text = (char *)kallsyms->text.data, *line, *place = NULL;
	size_t lines = 1;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	kallsyms->entries = calloc(lines, sizeof(*kallsyms->entries));
	if (!kallsyms->entries)
		return -ENOMEM;
	for (line = strtok_r(text, "\n", &place); line; line = strtok_r(NULL, "\n", &place))
		add_line(kallsyms, line);
	if (kallsyms->n == 0)
		return -EPERM;
	qsort(kallsyms->entries, kallsyms->n, sizeof(*kallsyms->entries), compare_entries);
	return 0;
}

int kallsyms_load(struct kallsyms **ret)
{
	_cleanup_(kallsyms_free) struct kallsyms *kallsyms = calloc(1, sizeof(*kallsyms));

	if (!kallsyms)
		return -ENOMEM;
	int r = read_file("/proc/kallsyms", KALLSYMS_LIMIT, &kallsyms->text);
	if (r == 0)
		r = parse(kallsyms);
	if (r == 0)
		*ret = TAKE_PTR(kallsyms);
	return r;
}

uint64_t kallsyms_find(const struct kallsyms *kallsyms, const char *name)
{
	for (size_t i = 0; i < kallsyms->n; i++)
		if (strcmp(kallsyms->entries[i].name, name) == 0)
			return kallsyms->entries[i].address;
	return 0;
}

const char *kallsyms_name(const struct kallsyms *kallsyms, uint64_t address, size_t *place)
{
	size_t low = 0, high = kallsyms->n;

	while (low < high) { /* the first of that address */
		size_t middle = low + (high - low) / 2;
		if (kallsyms->entries[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	low += *place;
	if (low >= kallsyms->n || kallsyms->entries[low].address != address)
		return NULL;
	(*place)++;
	return kallsyms->entries[low].name;
}
