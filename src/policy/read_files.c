/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `collateral:`, `unsigned-files:`, `libraries:` and `file-signers:`. */

#include "src/base/base.h"
#include "src/policy/read.h"

#include <string.h>

#include "src/names/names.h"

/* --- paths ---------------------------------------------------------------------------------- */

/* What is wrong with a path that may end with '*', or NULL. */
static const char *glob_problem(const char *text)
{
	char path[READER_TEXT_LIMIT + 2];
	size_t n = strcspn(text, "*");

	if (text[0] != '/')
		return "is not absolute";
	if (text[n] && text[n + 1])
		return "has a '*' that is not at its end";
	if (strlen(text) >= BS_FILE_SIZE)
		return "is too long";
	/* A '*' after a '/' is judged as the name that it stands for. */
	snprintf(path, sizeof(path), "%.*s%s", (int)n, text,
		text[n] && text[n - 1] == '/' ? "x" : "");
	return read_path_problem(path);
}

static int refuse_glob(struct reader *reader, const char *problem)
{
	reader_refuse(reader, NULL, "path '%s' %s", reader->text, problem);
	if (strchr(problem, '*'))
		diag_hint(reader->reterr,
			"a '*' may stand at the end only, and matches whatever follows");
	else if (strstr(problem, "long"))
		diag_hint(reader->reterr, "it may have %d bytes; end it earlier, with a '*'",
			BS_FILE_SIZE - 1);
	else if (strstr(problem, "ends"))
		diag_hint(reader->reterr, "write '%s*' for all that is below", reader->text);
	else
		diag_hint(reader->reterr, "write the path that the program asks for");
	return -EINVAL;
}

static int add_file(struct reader *reader, const struct key *key, void *field)
{
	struct policy_file_list *list = field;
	const char *problem = glob_problem(reader->text);

	if (problem)
		return refuse_glob(reader, problem);
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].path, reader->text) == 0)
			return schema_refuse_duplicate(
				reader, "path", reader->text, list->items[i].position.line);
	if (list->n == POLICY_FILES) {
		reader_refuse(reader, NULL, "'%s' has more than %d paths", key->name, POLICY_FILES);
		diag_hint(reader->reterr, "use a '*' for several files at once");
		return -EINVAL;
	}
	struct policy_file *file = &list->items[list->n++];
	strcpy(file->path, reader->text);
	file->position = reader->position;
	return 0;
}

int read_files(struct reader *reader, const struct key *key, void *field)
{
	struct policy_file_list *list = field;

	list->key = reader->key;
	return schema_read_list(reader, key, add_file, list);
}

static int read_collateral_word(struct reader *reader, uint64_t *ret)
{
	static const char *const words[] = {"strict", "off"};
	size_t word;

	if (reader->text[0] == '/') {
		reader_refuse(reader, NULL, "'collateral' cannot be a path");
		diag_hint(reader->reterr, "write it as a list: ['%s']", reader->text);
		return -EINVAL;
	}
	int r = schema_read_word(reader, "value of 'collateral'", words, ARRAY_SIZE(words), &word);
	if (r == 0)
		*ret = word ? BS_COLLATERAL_OFF : BS_COLLATERAL_STRICT;
	return r;
}

int read_collateral(struct reader *reader, const struct key *key, void *field)
{
	struct policy_files *files = field;
	struct policy_value value = {BS_COLLATERAL_LISTED, reader->key};
	int r;

	if (reader->type == YAML_SEQUENCE_START_EVENT)
		r = read_files(reader, key, &files->signed_files);
	else
		r = schema_expect(reader, key, YAML_SCALAR_EVENT)
			    ?: read_collateral_word(reader, &value.number);
	if (r == 0)
		files->collateral = value;
	return r;
}

int read_libraries(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, libraries_names, field);
}

/* --- signers -------------------------------------------------------------------------------- */

static int add_signer(struct reader *reader, const struct key *key, void *field)
{
	struct policy_files *files = field;
	struct policy_signer signer = {.position = reader->position};

	int r = read_name(reader, "signer", signer.name);
	if (r < 0)
		return r;
	for (size_t i = 0; i < files->n_signers; i++)
		if (strcmp(files->signers[i].name, signer.name) == 0)
			return schema_refuse_duplicate(
				reader, "signer", signer.name, files->signers[i].position.line);
	if (files->n_signers == BS_SIGNERS)
		return reader_refuse(reader,
			"sign some of the files with the key of the entry's signer",
			"'%s' has more than %d signers", key->name, BS_SIGNERS);
	files->signers[files->n_signers++] = signer;
	return 0;
}

int read_signers(struct reader *reader, const struct key *key, void *field)
{
	return schema_read_list(reader, key, add_signer, field);
}
