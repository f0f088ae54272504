/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf list`: every map, program and link, whose it is, and the rule that admitted it. */

#include <libsmartcols.h>
#include <string.h>

#include "src/command/arguments.h"
#include "src/watchbpf/watchbpf.h"
#include "src/enforcer/enforcer.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "src/base/base.h"

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
static const char *const headings[] = {
	[KIND] = "KIND",
	[ID] = "ID",
	[TYPE] = "TYPE",
	[NAME] = "NAME",
	[OWNER] = "OWNER",
	[SIGNER] = "SIGNER",
	[RULE] = "RULE",
};

static int set(struct libscols_line *line, enum column column, const char *text)
{
	return scols_line_set_data(line, column, text && *text ? text : "-");
}

static int set_number(struct libscols_line *line, enum column column, uint32_t number)
{
	char text[16] = "";

	if (number)
		snprintf(text, sizeof(text), "%u", number);
	return set(line, column, text);
}

static int add_line(struct libscols_table *table, const struct listed_object *object)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const struct bs_owner *owner = &object->owner;

	if (!line || set(line, KIND, kinds[owner->kind]) != 0 ||
		set_number(line, ID, owner->id) != 0 || set(line, TYPE, type_name(object)) != 0 ||
		set(line, NAME, owner->object) != 0 || set(line, OWNER, owner_name(object)) != 0 ||
		set(line, SIGNER, owner->signer) != 0 || set_number(line, RULE, owner->line) != 0)
		return -ENOMEM;
	return 0;
}

static void table_freep(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static int print_table(const struct listed_object *objects, size_t n, uint32_t kind)
{
	_cleanup_(table_freep) struct libscols_table *table = scols_new_table();

	if (!table)
		return -ENOMEM;
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER); /* nothing is cut */
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		if (!scols_table_new_column(
			    table, headings[i], 0, i == ID || i == RULE ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if ((!kind || objects[i].owner.kind == kind) && add_line(table, &objects[i]) < 0)
			return -ENOMEM;
	return scols_print_table(table) == 0 ? 0 : -EIO;
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
