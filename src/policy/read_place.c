/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `pods:`, `cgroup:` and `user-namespace:`. */

#include "src/policy/read.h"

#include <string.h>

#include "src/names/names.h"

#define LABEL_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define NAME_CHARACTERS  LABEL_CHARACTERS "."

/* --- pods ----------------------------------------------------------------------------------- */

/* RFC 1123: each label begins and ends with a letter or digit. What a '*' follows goes on. */
static bool has_bad_edge(const char *text, size_t size)
{
	char before = '.';

	for (size_t i = 0; i < size; before = text[i++])
		if ((text[i] == '.' && strchr(".-", before)) || (text[i] == '-' && before == '.'))
			return true;
	return !text[size] && strchr(".-", before);
}

/* What is wrong with a namespace or name, or NULL. */
static const char *part_problem(const char *text, const char *characters, size_t most)
{
	const char *problem = read_pattern_problem(text, characters, most);

	if (problem)
		return problem;
	return has_bad_edge(text, strspn(text, characters)) ? "has a '-' or '.' where none can be"
							    : NULL;
}

static const char *space_problem(const char *space)
{
	return part_problem(space, LABEL_CHARACTERS, BS_NAME_SIZE - 1);
}

static int refuse_part(
	struct reader *reader, const char *what, const char *text, const char *problem)
{
	reader_refuse(reader, NULL, "the %s '%s' of a pod %s", what, text, problem);
	if (strchr(problem, '*'))
		diag_hint(reader->reterr,
			"a '*' may stand at the end of the namespace and of the name only, and matches whatever follows there");
	else if (strcmp(what, "namespace") == 0)
		diag_hint(reader->reterr,
			"a namespace is 1 to %d of 'a' to 'z', '0' to '9' and '-', with no '-' at its ends",
			BS_NAME_SIZE - 1);
	else if (strstr(problem, "long"))
		diag_hint(reader->reterr, "it may have %d bytes; end it earlier, with a '*'",
			BS_POD_NAME - 1);
	else
		diag_hint(reader->reterr,
			"a pod's name is of 'a' to 'z', '0' to '9', '-' and '.'; it and what is between its dots begin and end with a letter or digit");
	return -EINVAL;
}

static int refuse_slash(struct reader *reader)
{
	reader_refuse(reader, NULL, "pod '%s' is not NAMESPACE/NAME", reader->text);
	if (space_problem(reader->text))
		diag_hint(reader->reterr, "write it like 'kube-system/cilium-*'");
	else
		diag_hint(
			reader->reterr, "write '%s/*' for every pod of a namespace", reader->text);
	return -EINVAL;
}

/* "kube-system/cilium-*" into namespace and name. */
static int read_pod(struct reader *reader, struct policy_pod *pod)
{
	const char *slash = strchr(reader->text, '/'), *problem;
	char space[READER_TEXT_LIMIT + 1] = "";

	if (!slash)
		return refuse_slash(reader);
	memcpy(space, reader->text, (size_t)(slash - reader->text));
	problem = space_problem(space);
	if (problem)
		return refuse_part(reader, "namespace", space, problem);
	problem = part_problem(slash + 1, NAME_CHARACTERS, BS_POD_NAME - 1);
	if (problem)
		return refuse_part(reader, "name", slash + 1, problem);
	strcpy(pod->space, space);
	strcpy(pod->name, slash + 1);
	return 0;
}

static int add_pod(struct reader *reader, const struct key *key, void *field)
{
	struct policy_place *place = field;
	struct policy_pod pod = {.position = reader->position};

	int r = read_pod(reader, &pod);
	if (r < 0)
		return r;
	for (size_t i = 0; i < place->n_pods; i++)
		if (strcmp(place->pods[i].space, pod.space) == 0 &&
			strcmp(place->pods[i].name, pod.name) == 0)
			return schema_refuse_duplicate(
				reader, "pod", reader->text, place->pods[i].position.line);
	if (place->n_pods == BS_PODS)
		return reader_refuse(reader, "use a '*' for several pods at once",
			"'%s' has more than %d pods", key->name, BS_PODS);
	place->pods[place->n_pods++] = pod;
	return 0;
}

int read_pods(struct reader *reader, const struct key *key, void *field)
{
	struct policy_place *place = field;

	place->pods_key = reader->key;
	return schema_read_list(reader, key, add_pod, place);
}

/* --- cgroup --------------------------------------------------------------------------------- */

#define CGROUP_MOUNT "/sys/fs/cgroup"

/* What is wrong with the parts of a path that read_path_problem() has nothing against, or NULL. */
static const char *parts_problem(const char *path)
{
	size_t depth = 0;

	for (const char *part = path; part; part = strchr(part + 1, '/'), depth++) {
		size_t size = strcspn(part + 1, "/"), n = strcspn(part + 1, "*/");
		if (n + 1 < size)
			return "has a '*' that is not at the end of a part";
		if (size >= BS_CGROUP_NAME)
			return "has a part that is too long";
	}
	return depth > BS_CGROUP_DEPTH ? "is too deep" : NULL;
}

static const char *cgroup_problem(const char *path)
{
	size_t mount = strlen(CGROUP_MOUNT);

	if (strcmp(path, "/") == 0)
		return "is every cgroup";
	if (strncmp(path, CGROUP_MOUNT, mount) == 0 && (path[mount] == '/' || !path[mount]))
		return "begins with '" CGROUP_MOUNT "'";
	if (strchr(path, '\n'))
		return "has a line break, which no cgroup has";
	return read_path_problem(path) ?: parts_problem(path);
}

static int refuse_cgroup(struct reader *reader, const char *problem)
{
	reader_refuse(reader, NULL, "cgroup '%s' %s", reader->text, problem);
	if (strstr(problem, "every"))
		diag_hint(reader->reterr, "remove 'cgroup': without it the program may run in any");
	else if (strstr(problem, CGROUP_MOUNT))
		diag_hint(
			reader->reterr, "write what follows it: the path is one in the hierarchy");
	else if (strchr(problem, '*'))
		diag_hint(reader->reterr,
			"a '*' may stand at the end of a part only, and matches whatever follows up to the next '/'");
	else if (strstr(problem, "long"))
		diag_hint(reader->reterr, "it may have %d bytes; end it earlier, with a '*'",
			BS_CGROUP_NAME - 1);
	else if (strstr(problem, "deep"))
		diag_hint(reader->reterr,
			"it may have %d parts; end it earlier: what is below a cgroup is in it too",
			BS_CGROUP_DEPTH);
	else if (strstr(problem, "ends"))
		diag_hint(reader->reterr,
			"remove the '/' at its end: what is below a cgroup is in it too");
	else
		diag_hint(reader->reterr,
			"write the path that /proc/PID/cgroup has after '0::', like '/system.slice/alice.service'");
	return -EINVAL;
}

int read_cgroup(struct reader *reader, const struct key *key, void *field)
{
	struct policy_place *place = field;
	struct position position = reader->key;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	const char *problem = cgroup_problem(reader->text);
	if (problem)
		return refuse_cgroup(reader, problem);
	strcpy(place->cgroup, reader->text); /* READER_TEXT_LIMIT fits */
	place->cgroup_key = position;
	return 0;
}

/* --- user namespace ------------------------------------------------------------------------- */

int read_namespace(struct reader *reader, const struct key *key, void *field)
{
	return read_choice(reader, key, namespace_names, field);
}
