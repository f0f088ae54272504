/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An inspection in words. Knows nothing of where it comes from. */

#include "src/bpfsign/inspect_show.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/names/functions.h"
#include "src/names/names.h"

static const char *const kinds[] = {
	[INSPECT_HELPER] = "helper",
	[INSPECT_KFUNC] = "kfunc",
	[INSPECT_ADDRESS] = "address",
};

/* Names come from untrusted files. */
static void put(const char *format, const char *text)
{
	_cleanup_free_ char *safe = escape_text(text, strlen(text));
	printf(format, safe ?: "?");
}

static const char *program_type(const struct inspect_program *program)
{
	return prog_type_name(program->footprint.type) ?: "unknown";
}

static const char *map_access(const struct inspect_map *map)
{
	return map->read_only ? "read-only" : "read-write";
}

/* Abilities of the type itself, beyond the functions. */
static bool reads_by_context(const struct inspect_program *program)
{
	return rules_reads_by_type(program->footprint.type);
}

static void print_groups(const struct inspect_function *function)
{
	const char *separator = " (";

	if (function->absent)
		return;
	if (function->kind != INSPECT_ADDRESS && !function_is_known(function->name)) {
		printf(" (not known: counts as all groups)");
		return;
	}
	for (unsigned group = 0; group < FUNCTION_GROUP_END; group++) {
		if (!(function->groups & 1U << group))
			continue;
		printf("%s%s", separator, function_group_name(group));
		separator = ", ";
	}
	if (function->groups)
		putchar(')');
}

static void print_function(const struct inspect_function *function)
{
	printf("  %s: ", kinds[function->kind]);
	put("%s", function->name);
	print_groups(function);
	if (function->absent)
		printf(function->weak ? ", not in this kernel: left out"
				      : ", not in this kernel: can't be loaded");
	putchar('\n');
}

static void print_map(const struct inspect_map *map, const char *before)
{
	put(before, map->name);
	printf(": %s, %s", map_type_name(map->type) ?: "unknown", map_access(map));
	if (map->owner[0])
		put(", owner %s", map->owner);
	if (map->id)
		printf(", id %u", map->id);
	puts(map->pinned ? ", pinned" : "");
}

static void print_place(const struct inspect_question *question, uint32_t line)
{
	if (line)
		printf(" (%s:%u)", question->policy, line);
}

static void print_answer(
	const struct inspect_question *question, const struct inspect_answer *answer)
{
	const struct bs_verdict *verdict = &answer->verdict;
	struct detail detail;

	if (!verdict->reason) {
		printf("  verdict: granted");
		print_place(question, verdict->line);
		if (question->entry->flags & BS_PROGRAM_SIGNED)
			printf("; it must carry a signature of '%s'", question->entry->signer);
		putchar('\n');
		return;
	}
	printf("  verdict: denied%s: %s: %s", answer->at_attach ? " at the attach" : "",
		reason_name(verdict->reason), reason_sentence(verdict->reason));
	if (detail_find(verdict->reason, verdict->detail, &question->names, &detail))
		printf(" (%s: %s)", detail.key, detail.text);
	if (answer->map)
		put(" (map: %s)", answer->map->name);
	print_place(question, verdict->line);
	if (*reason_cure(verdict->reason))
		printf("\n  cure: %s", reason_cure(verdict->reason));
	putchar('\n');
}

static void print_facts(const struct inspect_program *program)
{
	const struct bs_footprint *footprint = &program->footprint;

	put("program %s", program->name);
	printf(": %s, %u instructions%s%s\n", program_type(program), footprint->instructions,
		footprint->flags & BS_FOOTPRINT_SLEEPABLE ? ", sleepable" : "",
		program->optional ? ", loaded on demand only" : "");
	if (program->section[0])
		put("  section: %s\n", program->section);
	if (program->attach[0])
		put("  attach: %s\n", program->attach);
	if (footprint->target[0])
		put("  target: %s\n", footprint->target);
}

static void print_program(
	const struct inspection *inspection, const struct inspect_program *program)
{
	print_facts(program);
	if (reads_by_context(program))
		puts("  reads: context (kernel-reads)");
	for (size_t i = 0; i < program->n_functions; i++)
		print_function(&program->functions[i]);
	for (size_t i = 0; i < program->n_maps; i++)
		put("  map: %s\n", inspection->maps[program->maps[i]].name);
}

static bool judge_map_alone(const struct inspect_question *question, const struct inspect_map *map)
{
	struct inspect_answer answer;

	inspect_judge_map(question->entry, map, &answer);
	print_answer(question, &answer);
	return !answer.verdict.reason;
}

bool inspect_print(const struct inspection *inspection, const struct inspect_subject *subject,
	const struct inspect_question *question)
{
	bool good = true;

	printf("%s ", subject->kind);
	put("%s", subject->name);
	put(inspection->license[0] ? ", license %s\n" : "%s\n", inspection->license);
	if (subject->loaded && inspection->n_programs)
		puts("as the verifier left it: what it removed or inlined is not seen");
	for (size_t i = 0; i < inspection->n_maps; i++)
		print_map(&inspection->maps[i], "map %s");
	for (size_t i = 0; i < inspection->n_programs; i++) {
		struct inspect_answer answer;
		print_program(inspection, &inspection->programs[i]);
		if (!question->policy)
			continue;
		inspect_judge(question->entry, question->names.kfuncs, inspection,
			&inspection->programs[i], &answer);
		print_answer(question, &answer);
		good &= !answer.verdict.reason;
	}
	if (!inspection->n_programs && question->policy && strcmp(subject->kind, "map") == 0)
		good = judge_map_alone(question, &inspection->maps[0]);
	return good;
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void json_groups(struct json *json, uint32_t groups)
{
	json_array_begin(json, "groups");
	for (unsigned group = 0; group < FUNCTION_GROUP_END; group++)
		if (groups & 1U << group)
			json_string(json, NULL, function_group_name(group));
	json_array_end(json);
}

static void json_function(struct json *json, const struct inspect_function *function)
{
	json_object_begin(json, NULL);
	json_string(json, "kind", kinds[function->kind]);
	json_string(json, "name", function->name);
	if (function->number)
		json_unsigned(json, "number", function->number);
	json_bool(json, "weak", function->weak);
	json_bool(json, "absent", function->absent);
	json_groups(json, function->groups);
	json_object_end(json);
}

static void json_map(struct json *json, const struct inspect_map *map)
{
	json_object_begin(json, NULL);
	json_string(json, "name", map->name);
	if (map->id)
		json_unsigned(json, "id", map->id);
	json_string(json, "type", map_type_name(map->type));
	json_string(json, "access", map_access(map));
	json_string(json, "owner", map->owner[0] ? map->owner : NULL);
	json_bool(json, "pinned", map->pinned);
	json_object_end(json);
}

static void json_detail(
	struct json *json, const struct bs_verdict *verdict, const struct detail_names *names)
{
	struct detail detail;

	if (!detail_find(verdict->reason, verdict->detail, names, &detail))
		return;
	if (detail.is_number)
		json_unsigned(json, detail.key, detail.value);
	else
		json_string(json, detail.key, detail.text);
}

static void json_answer(struct json *json, const struct inspect_question *question,
	const struct inspect_answer *answer)
{
	const struct bs_verdict *verdict = &answer->verdict;
	const char *cure = reason_cure(verdict->reason);

	json_object_begin(json, "verdict");
	json_bool(json, "granted", !verdict->reason);
	json_string(json, "reason", reason_name(verdict->reason));
	json_string(json, "sentence", reason_sentence(verdict->reason));
	json_string(json, "cure", *cure ? cure : NULL);
	json_detail(json, verdict, &question->names);
	if (answer->map)
		json_string(json, "map", answer->map->name);
	json_bool(json, "at_attach", answer->at_attach);
	json_bool(json, "needs_signature", question->entry->flags & BS_PROGRAM_SIGNED);
	if (verdict->line)
		json_unsigned(json, "line", verdict->line);
	json_object_end(json);
}

static void json_facts(struct json *json, const struct inspect_program *program)
{
	const struct bs_footprint *footprint = &program->footprint;

	json_string(json, "name", program->name);
	if (program->id)
		json_unsigned(json, "id", program->id);
	json_string(json, "type", prog_type_name(footprint->type));
	json_string(json, "section", program->section[0] ? program->section : NULL);
	json_string(json, "attach_type", program->attach[0] ? program->attach : NULL);
	json_string(json, "target", footprint->target[0] ? footprint->target : NULL);
	json_unsigned(json, "instructions", footprint->instructions);
	json_bool(json, "sleepable", footprint->flags & BS_FOOTPRINT_SLEEPABLE);
	json_bool(json, "gpl", footprint->flags & BS_FOOTPRINT_GPL);
	json_bool(json, "on_demand", program->optional);
	json_bool(json, "reads_context", reads_by_context(program));
}

static void json_program(struct json *json, const struct inspection *inspection,
	const struct inspect_program *program)
{
	json_facts(json, program);
	json_groups(json, inspect_groups(program));
	json_array_begin(json, "functions");
	for (size_t i = 0; i < program->n_functions; i++)
		json_function(json, &program->functions[i]);
	json_array_end(json);
	json_array_begin(json, "maps");
	for (size_t i = 0; i < program->n_maps; i++)
		json_string(json, NULL, inspection->maps[program->maps[i]].name);
	json_array_end(json);
}

static bool json_programs(struct json *json, const struct inspection *inspection,
	const struct inspect_question *question)
{
	bool good = true;

	json_array_begin(json, "programs");
	for (size_t i = 0; i < inspection->n_programs; i++) {
		struct inspect_answer answer;
		json_object_begin(json, NULL);
		json_program(json, inspection, &inspection->programs[i]);
		if (question->policy) {
			inspect_judge(question->entry, question->names.kfuncs, inspection,
				&inspection->programs[i], &answer);
			json_answer(json, question, &answer);
			good &= !answer.verdict.reason;
		}
		json_object_end(json);
	}
	json_array_end(json);
	return good;
}

bool inspect_print_json(struct json *json, const struct inspection *inspection,
	const struct inspect_subject *subject, const struct inspect_question *question)
{
	struct inspect_answer answer;

	json_object_begin(json, NULL);
	json_string(json, subject->kind, subject->name);
	json_string(json, "policy", question->policy);
	json_string(json, "as", question->as);
	json_string(json, "license", inspection->license[0] ? inspection->license : NULL);
	json_bool(json, "after_verifier", subject->loaded);
	json_array_begin(json, "maps");
	for (size_t i = 0; i < inspection->n_maps; i++)
		json_map(json, &inspection->maps[i]);
	json_array_end(json);
	bool good = json_programs(json, inspection, question);
	if (!inspection->n_programs && question->policy && strcmp(subject->kind, "map") == 0) {
		inspect_judge_map(question->entry, &inspection->maps[0], &answer);
		json_answer(json, question, &answer);
		good = !answer.verdict.reason;
	}
	json_object_end(json);
	return good;
}
