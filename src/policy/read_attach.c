/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `attach:`: KIND or KIND/GLOB. The kinds are in attach.c. */

#include "src/base/text.h"
#include "src/policy/read.h"

#include <string.h>

#include <linux/if.h>

#include "src/names/names.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."

static int refuse_kind(struct reader *reader, const char *word)
{
	size_t n;
	const char *const *names = attach_kind_names(&n);
	const char *nearest = nearest_word(word, names, n), *instead = attach_kind_instead(word);

	if (attach_kind_is_never(word))
		return reader_refuse(reader, "remove it: such a program could undo the enforcement",
			"'%s' is never granted", word);
	reader_refuse(reader, "bpfsign-policy(5) lists what 'attach' may hold",
		"'%s' is nothing that a program attaches to", word);
	if (instead)
		diag_hint(
			reader->reterr, "write '%s': the kernel does not tell them apart", instead);
	else if (nearest)
		diag_hint(reader->reterr, "did you mean '%s'?", nearest);
	return -EINVAL;
}

/* SYSTEM/NAME, or the beginning of one; size: without the '*'. */
static bool is_tracepoint(const char *target, size_t size)
{
	size_t system = strspn(target, NAME_CHARACTERS);
	size_t name = target[system] == '/' ? strspn(target + system + 1, NAME_CHARACTERS) : 0;

	if (system == size) /* no '/' yet: only before a '*' */
		return target[size] == '*';
	return system && system + 1 + name == size && (name || target[size] == '*');
}

/* What is wrong with the characters of a target, or NULL. */
static const char *text_problem(const struct attach_kind *kind, const char *target)
{
	size_t size = strcspn(target, "*");

	if (!target[0])
		return "is empty";
	if (target[size] && target[size + 1])
		return "has a '*' that is not at its end";
	if (kind->target == ATTACH_TARGET_TRACEPOINT && !is_tracepoint(target, size))
		return "is not SYSTEM/NAME";
	if (kind->target == ATTACH_TARGET_INTERFACE &&
		(size >= IFNAMSIZ || strcspn(target, "/: \t\n") < size))
		return "is no interface";
	if (kind->target == ATTACH_TARGET_BTF && strspn(target, NAME_CHARACTERS) != size)
		return "is no name of a kernel function or type";
	if (strlen(target) >= BS_TARGET_SIZE)
		return "is too long";
	return NULL;
}

static int refuse_target(struct reader *reader, const char *problem)
{
	static const char end[] = "a '*' may stand at the end only, and matches whatever follows";

	return reader_refuse(reader,
		strchr(problem, '*') ? end : "bpfsign-policy(5) says what may follow which kind",
		"the target in '%s' %s", reader->text, problem);
}

/* What the kernel puts before a name is put there for nobody: lsm/file_open. */
static int refuse_prefix(struct reader *reader, const struct attach_kind *kind)
{
	reader_refuse(reader, NULL, "the target in '%s' is the kernel's name for it", reader->text);
	diag_hint(reader->reterr, "leave '%s' out", kind->prefix);
	return -EINVAL;
}

static int read_target(struct reader *reader, const char *target, struct policy_attach *attach)
{
	const struct attach_kind *kind = &attach->kind;

	if (kind->target == ATTACH_TARGET_NONE)
		return reader_refuse(
			reader, kind->instead, "'%s' cannot name a target", kind->name);
	if (strcmp(target, "*") == 0) /* the same as no target */
		return 0;
	const char *problem = text_problem(kind, target);
	if (problem)
		return refuse_target(reader, problem);
	if (kind->prefix[0] && strncmp(target, kind->prefix, strlen(kind->prefix)) == 0)
		return refuse_prefix(reader, kind);
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
			return schema_refuse_duplicate(
				reader, "target", reader->text, load->attach[i].position.line);
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

int read_attach_check(struct reader *reader, const struct policy_load *load)
{
	for (size_t i = 0; i < load->n_attach; i++) {
		const struct policy_attach *attach = &load->attach[i];
		uint32_t type = attach->kind.type;
		if (load->types & 1ULL << type)
			continue;
		reader_refuse_at(reader, attach->position, NULL,
			"'%s' is for programs of a type that 'types' does not grant",
			attach->kind.name);
		diag_hint(
			reader->reterr, "add '%s' to 'types', or remove it", prog_type_name(type));
		return -EINVAL;
	}
	return 0;
}
