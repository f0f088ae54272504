/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts of a policy: names, paths, patterns. */

#include "src/policy/read.h"

#include <string.h>

#include "src/base/text.h"

int read_name(struct reader *reader, const char *what, char ret[static BS_NAME_SIZE])
{
	size_t size = strlen(reader->text);

	if (name_is_valid(reader->text)) {
		memcpy(ret, reader->text, size + 1);
		return 0;
	}
	if (size >= BS_NAME_SIZE)
		reader_refuse(reader, NULL, "the name '%s' is too long for a %s, it has %zu bytes",
			reader->text, what, size);
	else
		reader_refuse(reader, NULL, "'%s' cannot be the name of a %s", reader->text, what);
	diag_hint(reader->reterr, "a name is 1 to %d of 'a' to 'z', '0' to '9', '.', '_' and '-'",
		BS_NAME_SIZE - 1);
	return -EINVAL;
}

const char *read_pattern_problem(const char *text, const char *characters, size_t most)
{
	size_t n = strspn(text, characters);

	if (!text[0])
		return "is empty";
	if (text[n] == '*' && text[n + 1])
		return "has a '*' that is not at its end";
	if (text[n] && text[n] != '*')
		return "has a character that no name has";
	return n > most ? "is too long" : NULL;
}

const char *read_path_problem(const char *path)
{
	if (path[0] != '/')
		return "is not absolute";
	for (const char *part = path; part; part = strchr(part + 1, '/')) {
		size_t size = strcspn(part + 1, "/");
		if (size == 0)
			return part[1] ? "has an empty part" : "ends with '/'";
		if (strncmp(part + 1, "..", size) == 0)
			return "has a part '.' or '..'";
	}
	return NULL;
}
