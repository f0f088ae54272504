/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `attach:`: KIND or KIND/GLOB. The kinds are in attach.c. */

#include "policy_read.h"

#include <string.h>

#include <linux/if.h>

#include "names.h"

static int refuse_kind(struct reader *reader, const char *word)
{
	size_t n;
	const char *const *names = attach_kind_names(&n);
	const char *nearest = nearest_word(word, names, n), *excuse = attach_kind_excuse(word);

	reader_refuse(reader, "bpfsign-policy(5) lists what 'attach' may hold",
		"'%s' is nothing that a program attaches to", word);
	if (excuse && excuse[0] == 'i') /* "it is never granted" */
		return reader_refuse(reader, "remove it", "'%s': %s", word, excuse);
	if (excuse)
		diag_hint(reader->reterr, "%s", excuse);
	else if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	return -EINVAL;
}

/* What is wrong with the characters of a target, or NULL. */
static const char *text_problem(const struct attach_kind *kind, const char *target)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
	size_t size = strcspn(target, "*");

	if (target[size] && target[size + 1])
		return "has a '*' that is not at its end";
	switch (kind->target) {
	case ATTACH_TARGET_BTF:
		return strspn(target, name) == size ? NULL : "is no name of a kernel function or type";
	case ATTACH_TARGET_TRACEPOINT:
		if (strspn(target, name) + strspn(target + strspn(target, name), "/") == 0 && size)
			return "is not SYSTEM/NAME";
		if (strcspn(target, "/") == size && !target[size])
			return "is not SYSTEM/NAME";
		return NULL;
	case ATTACH_TARGET_INTERFACE:
		return size < IFNAMSIZ && strcspn(target, "/ \t:") >= size ? NULL
									   : "is no interface";
	case ATTACH_TARGET_NONE:
		break;
	}
	return NULL;
}

static int refuse_target(struct reader *reader, const char *problem)
{
	static const char end[] = "a '*' may stand at the end only, and matches whatever follows";

	return reader_refuse(reader,
		strchr(problem, '*') ? end : "bpfsign-policy(5) says what may follow which kind",
		"target in '%s' %s", reader->text, problem);
}

static int read_target(
	struct reader *reader, const char *target, struct policy_attach *attach)
{
	const struct attach_kind *kind = &attach->kind;
	const char *problem = text_problem(kind, target);

	if (kind->target == ATTACH_TARGET_NONE)
		return reader_refuse(reader, kind->instead, "'%s' cannot name a target", kind->name);
	if (!target[0])
		problem = "is empty";
	else if (strlen(kind->prefix) + strlen(target) >= sizeof(attach->target))
		problem = "is too long";
	if (problem)
		return refuse_target(reader, problem);
	if (strcmp(target, "*") != 0) /* KIND/ * is KIND */
		strcpy(attach->target, target);
	return 0;
}

static bool is_same(const struct policy_attach *a, const struct policy_attach *b)
{
	return a->deny == b->deny && strcmp(a->kind.name, b->kind.name) == 0 &&
	       strcmp(a->target, b->target) == 0;
}

static int add_rule(
	struct reader *reader, struct policy_load *load, const struct policy_attach *attach)
{
	for (size_t i = 0; i < load->n_attach; i++)
		if (is_same(&load->attach[i], attach))
			return schema_refuse_duplicate(reader, "target", reader->text,
				load->attach[i].position.line);
	if (load->n_attach == BS_RULES) {
		reader_refuse(reader, NULL, "'attach' has more than %d items", BS_RULES);
		diag_hint(reader->reterr, "use a '*' for several targets at once");
		return -EINVAL;
	}
	load->attach[load->n_attach++] = *attach;
	return 0;
}

static int add_attach(struct reader *reader, const struct key *key, void *field, bool deny)
{
	struct policy_attach attach = {.deny = deny, .position = reader->position};
	const char *slash = strchr(reader->text, '/');
	char word[READER_TEXT_LIMIT + 1];

	snprintf(word, sizeof(word), "%.*s",
		(int)(slash ? (size_t)(slash - reader->text) : strlen(reader->text)), reader->text);
	if (attach_kind_find(word, &attach.kind) < 0)
		return refuse_kind(reader, word);
	int r = slash ? read_target(reader, slash + 1, &attach) : 0;
	return r < 0 ? r : add_rule(reader, field, &attach);
}

int read_attach(struct reader *reader, const struct key *key, void *field)
{
	struct policy_load *load = field;

	load->attach_key = reader->key;
	return schema_read_lists(reader, key, add_attach, load);
}

int check_attach(struct reader *reader, const struct policy_load *load)
{
	for (size_t i = 0; i < load->n_attach; i++) {
		const struct policy_attach *attach = &load->attach[i];
		uint32_t type = attach->kind.type;
		if (type == BS_ANY || load->types & 1ULL << type)
			continue;
		reader_refuse_at(reader, attach->position, NULL,
			"'%s' is for programs of a type that 'types' does not grant",
			attach->kind.name);
		diag_hint(reader->reterr, "add '%s' to 'types', or remove it", prog_type_name(type));
		return -EINVAL;
	}
	return 0;
}
