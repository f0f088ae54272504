/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf list`: every map, program and link, whose it is, and the rule that admitted it. */

#include <string.h>

#include "src/base/base.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/command/arguments.h"
#include "src/command/table.h"
#include "src/enforcer/enforcer.h"
#include "src/names/names.h"
#include "src/watchbpf/watchbpf.h"

const struct option_spec list_options[] = {
	{"json", 'j', NULL, "print an array of objects"},
	{0},
};

static const char *const kinds[] = {
	[BS_KIND_MAP] = "map",
	[BS_KIND_PROGRAM] = "program",
	[BS_KIND_LINK] = "link",
};

/* "maps" to BS_KIND_MAP; 0 for any other word. */
static uint32_t find_kind(const char *word)
{
	for (uint32_t kind = BS_KIND_MAP; kind < ARRAY_SIZE(kinds); kind++) {
		size_t n = strlen(kinds[kind]);
		if (strncmp(word, kinds[kind], n) == 0 && strcmp(word + n, "s") == 0)
			return kind;
	}
	return 0;
}

/* Whose it is, in the words of `maps:` and `programs:`. */
static const char *owner_name(const struct listed_object *object)
{
	if (object->own)
		return "watchbpf";
	if (!object->known)
		return BS_OWNER_BEFORE;
	return object->owner.name[0] ? object->owner.name : "unsigned";
}

/* NULL where nothing is known of it. */
static const char *type_name(const struct listed_object *object)
{
	uint32_t type = object->owner.type;

	if (!object->known && !object->own)
		return NULL;
	switch (object->owner.kind) {
	case BS_KIND_MAP:
		return map_type_name(type);
	case BS_KIND_PROGRAM:
		return type ? prog_type_name(type) : NULL;
	default:
		return enforcer_link_type(type);
	}
}

static void print_json(const struct listed_object *objects, size_t n, uint32_t kind)
{
	struct json json;

	json_start(&json, stdout);
	json_array_begin(&json, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct bs_owner *owner = &objects[i].owner;
		if (kind && owner->kind != kind)
			continue;
		json_object_begin(&json, NULL);
		json_string(&json, "kind", kinds[owner->kind]);
		json_unsigned(&json, "id", owner->id);
		json_string(&json, "type", type_name(&objects[i]));
		json_string(&json, "name", owner->object[0] ? owner->object : NULL);
		json_string(&json, "owner", owner_name(&objects[i]));
		json_string(&json, "signer", owner->signer[0] ? owner->signer : NULL);
		if (owner->line)
			json_unsigned(&json, "line", owner->line);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_finish(&json);
}

enum column { KIND, ID, TYPE, NAME, OWNER, SIGNER, RULE };
static const struct table_column columns[] = {
	[KIND] = {.heading = "KIND"},
	[ID] = {.heading = "ID", .is_number = true},
	[TYPE] = {.heading = "TYPE"},
	[NAME] = {.heading = "NAME"},
	[OWNER] = {.heading = "OWNER"},
	[SIGNER] = {.heading = "SIGNER"},
	[RULE] = {.heading = "RULE", .is_number = true},
};

/* The rows: those of one kind, or of all. */
struct rows {
	const struct listed_object *objects;
	uint32_t kind; /* 0: all */
};

static void set(char cell[TABLE_CELL_SIZE], const char *text)
{
	snprintf(cell, TABLE_CELL_SIZE, "%s", text ? text : "");
}

static void set_number(char cell[TABLE_CELL_SIZE], uint32_t number)
{
	if (number)
		snprintf(cell, TABLE_CELL_SIZE, "%u", number);
}

static bool fill_cells(const void *context, size_t row, char cells[][TABLE_CELL_SIZE])
{
	const struct rows *rows = context;
	const struct listed_object *object = &rows->objects[row];
	const struct bs_owner *owner = &object->owner;

	set(cells[KIND], kinds[owner->kind]);
	set_number(cells[ID], owner->id);
	set(cells[TYPE], type_name(object));
	set(cells[NAME], owner->object);
	set(cells[OWNER], owner_name(object));
	set(cells[SIGNER], owner->signer);
	set_number(cells[RULE], owner->line);
	return !rows->kind || owner->kind == rows->kind;
}

static int print_table(const struct listed_object *objects, size_t n, uint32_t kind)
{
	const struct rows rows = {objects, kind};
	return table_print(columns, ARRAY_SIZE(columns), n, fill_cells, &rows);
}

static int list(uint32_t kind, bool json)
{
	_cleanup_free_ struct listed_object *objects = NULL;
	struct diag diag = {0};
	size_t n = 0;

	if (!enforcer_is_alive()) {
		log_info("nothing is enforced, so nobody keeps the owners");
		return EXIT_NO;
	}
	if (enforcer_list(&objects, &n, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (json)
		print_json(objects, n, kind);
	else if (print_table(objects, n, kind) < 0)
		return EXIT_UNKNOWN;
	return EXIT_YES;
}

int cmd_list(const struct command *command, int argc, char **argv)
{
	const char *value;
	uint32_t kind = 0;
	bool json = false;
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0)
		json = true;
	int r = arguments_end(option);
	if (r < 0)
		r = arguments_count(command, argc, 0, 1);
	if (r >= 0)
		return r;
	if (optind < argc) {
		kind = find_kind(argv[optind]);
		if (!kind)
			return command_usage(
				command, "'%s' is none of maps, programs and links", argv[optind]);
	}
	return list(kind, json);
}
