/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The keys of a set, by the same reader as a policy. */

#include "src/sets/sets.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/sign/signer.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/names/names.h"
#include "src/yaml/yaml.h"

#define SET_LIMIT (1 << 16) /* bytes */

void set_done(struct set *set)
{
	struct path_list *lists[] = {&set->paths, &set->include, &set->exclude};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			free(lists[i]->items[k]);
	free(set->file);
	free(set->manifest);
	free(set->key);
	free(set->certificate);
	free(set->name);
	free(set->kinds);
	*set = (struct set){0};
}

void sets_done(struct sets *sets)
{
	for (size_t i = 0; i < sets->n; i++)
		set_done(&sets->items[i]);
	free(sets->items);
	*sets = (struct sets){0};
}

/* --- values --------------------------------------------------------------------------------- */

static int read_version(struct reader *reader, const struct key *key, void *field)
{
	unsigned *version = field;
	uint64_t number;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r == 0)
		r = schema_read_number(reader, key, &number);
	if (r == 0 && number != 1)
		r = reader_refuse(reader, "this bpfsign reads 'version: 1'",
			"version '%s' is not known", reader->text);
	if (r == 0)
		*version = (unsigned)number;
	return r;
}

static int read_text(struct reader *reader, const struct key *key, void *field)
{
	char **text = field;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r < 0)
		return r;
	if (!*reader->text)
		return reader_refuse(reader, key->doc, "'%s' is empty", key->name);
	*text = strdup(reader->text);
	return *text ? 0 : diag_set(reader->reterr, -ENOMEM, "out of memory");
}

static int read_program_name(struct reader *reader, const struct key *key, void *field)
{
	int r = read_text(reader, key, field);

	return r < 0 || name_is_valid(reader->text) ? r
						    : reader_refuse(reader, "[a-z0-9._-]{1,63}",
							      "'%s' is not a name", reader->text);
}

static int read_role(struct reader *reader, const struct key *key, void *field)
{
	enum bs_role *role = field;
	const char *const roles[] = {role_name(BS_ROLE_EXECUTABLE), role_name(BS_ROLE_LIBRARY),
		role_name(BS_ROLE_COLLATERAL), role_name(BS_ROLE_POLICY)};
	size_t word;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r == 0)
		r = schema_read_word(reader, "role", roles, ARRAY_SIZE(roles), &word);
	if (r == 0)
		*role = (enum bs_role)role_find(roles[word]);
	return r;
}

static int read_truth(struct reader *reader, const struct key *key, void *field)
{
	static const char *const words[] = {"false", "true"};
	bool *value = field;
	size_t word;

	int r = schema_expect(reader, key, YAML_SCALAR_EVENT);
	if (r == 0)
		r = schema_read_word(reader, key->name, words, ARRAY_SIZE(words), &word);
	if (r == 0)
		*value = word;
	return r;
}

static int add_path(struct reader *reader, const struct key *key, void *field)
{
	struct path_list *list = field;

	if (list->n == SET_PATHS)
		return reader_refuse(reader, "make two sets of it", "'%s' has more than %d items",
			key->name, SET_PATHS);
	if (!*reader->text)
		return reader_refuse(reader, key->doc, "an item of '%s' is empty", key->name);
	list->items[list->n] = strdup(reader->text);
	if (!list->items[list->n])
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	list->n++;
	return 0;
}

static int read_globs(struct reader *reader, const struct key *key, void *field)
{
	return schema_read_list(reader, key, add_path, field);
}

static int add_absolute(struct reader *reader, const struct key *key, void *field)
{
	if (reader->text[0] != '/')
		return reader_refuse(
			reader, "write it in full", "'%s' is no absolute path", reader->text);
	return add_path(reader, key, field);
}

static int read_paths(struct reader *reader, const struct key *key, void *field)
{
	return schema_read_list(reader, key, add_absolute, field);
}

/* One after another, as `--with` takes them. */
static int add_kind(struct reader *reader, const struct key *key, void *field)
{
	char **kinds = field;
	struct diag why;
	unsigned routes;
	char *longer = format_text("%s%s%s", *kinds ?: "", *kinds ? "," : "", reader->text);

	if (!longer)
		return diag_set(reader->reterr, -ENOMEM, "out of memory");
	free(*kinds);
	*kinds = longer;
	if (signer_parse(longer, &routes, &why) == 0)
		return 0;
	return reader_refuse(reader, why.hint[0] ? why.hint : "remove one", "%s", why.message);
}

static int read_kinds(struct reader *reader, const struct key *key, void *field)
{
	return schema_read_list(reader, key, add_kind, field);
}

#define AT(member) offsetof(struct set, member)
// clang-format off
static const struct key set_keys[] = {
	{"version",       read_version, true,  AT(version),       "the number 1"},
	{"manifest",      read_text,    false, AT(manifest),      "the path of a manifest"},
	{"key",           read_text,    false, AT(key),           "a file, or a URI (pkcs11:…)"},
	{"certificate",   read_text,    false, AT(certificate),   "the path of the key's certificate"},
	{"paths",         read_paths,   false, AT(paths),         "a list of absolute paths"},
	{"include",       read_globs,   false, AT(include),       "a list of globs"},
	{"exclude",       read_globs,   false, AT(exclude),       "a list of globs"},
	{"programs",      read_truth, false, AT(programs), "'true' or 'false'"},
	{"name",          read_program_name, false, AT(name),     "the name of a program"},
	{"role",          read_role,    false, AT(role),          "a role"},
	{"with",          read_kinds,   false, AT(kinds),         "a list of ima or ima-v2, and builtin"},
	{"root-may-sign", read_truth, false, AT(root_may_sign), "'true' or 'false'"},
};
// clang-format on
_Static_assert(ARRAY_SIZE(set_keys) <= SCHEMA_KEYS, "set_keys[]");

static const struct level levels[] = {{"in a set", set_keys, ARRAY_SIZE(set_keys)}};
static const struct schema schema = {levels, ARRAY_SIZE(levels)};

/* --- sets ----------------------------------------------------------------------------------- */

/* Rules about several keys. */
static int check(const struct set *set, struct diag *reterr)
{
	const char *wrong = NULL, *cure = "";

	if (!set->key == !set->manifest) {
		wrong = "a set has either 'manifest' or 'key'";
		cure = "a manifest, where the key is on another machine";
	} else if (set->key && set->paths.n == 0) {
		wrong = "a set with 'key' has no 'paths'";
		cure = "add 'paths:' with a list of absolute paths";
	} else if (set->manifest && (set->paths.n || set->include.n || set->exclude.n ||
					    set->certificate || set->name || set->role ||
					    set->kinds || set->programs || set->root_may_sign)) {
		wrong = "with 'manifest' there is no other key but 'version'";
		cure = "the manifest says all the rest";
	}
	if (!wrong)
		return 0;
	diag_set(reterr, -EINVAL, "%s", wrong);
	diag_hint(reterr, "%s", cure);
	diag_at(reterr, set->file, 0, 0);
	return -EINVAL;
}

int set_parse(const char *file, const void *text, size_t size, struct set *ret, struct diag *reterr)
{
	_cleanup_(set_done) struct set set = {.file = strdup(file)};
	_cleanup_(reader_done) struct reader reader = {0};

	if (!set.file)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = reader_open(&reader, file, text, size, reterr);
	if (r == 0)
		r = schema_read(&reader, &schema, &levels[0], "the set", reader.position, &set);
	if (r == 0)
		r = reader_close(&reader);
	if (r == 0)
		r = check(&set, reterr);
	if (r < 0)
		return r;
	*ret = set;
	set = (struct set){0};
	return 0;
}

/* A set names keys and the files to sign: only root, or its reader, may write it. */
static int check_owner(const char *path, int fd, struct diag *reterr)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if ((st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return 0;
	diag_set(reterr, -EPERM, "others may write '%s'", path);
	diag_hint(reterr, "chown root, chmod go-w");
	return -EPERM;
}

static int load_set(const char *path, struct set *ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);

	int r = fd < 0 ? fd : read_fd(fd, SET_LIMIT, &bytes);
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	r = check_owner(path, fd, reterr);
	return r < 0 ? r : set_parse(path, bytes.data, bytes.size, ret, reterr);
}

const char *sets_directory(void)
{
	const char *directory = secure_getenv("BPFSIGN_SIGN_DIRECTORY");
	return directory && *directory ? directory : "/etc/bpfsign/sign.d";
}

static int is_set(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);
	return entry->d_name[0] != '.' && size > 5 &&
	       strcmp(entry->d_name + size - 5, ".conf") == 0;
}

static int add_set(struct sets *sets, const char *name, struct diag *reterr)
{
	_cleanup_free_ char *path = format_text("%s/%s", sets_directory(), name);
	struct set *grown = reallocarray(sets->items, sets->n + 1, sizeof(*sets->items));

	if (grown)
		sets->items = grown;
	if (!path || !grown)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = load_set(path, &sets->items[sets->n], reterr);
	if (r == 0)
		sets->n++;
	return r;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int sets_load(struct sets *ret, struct diag *reterr)
{
	_cleanup_sets_ struct sets sets = {0};
	struct dirent **names = NULL;
	int n = scandir(sets_directory(), &names, is_set, by_bytes), r = 0;

	if (n < 0 && errno != ENOENT)
		return diag_set(
			reterr, -errno, "can't read '%s': %s", sets_directory(), strerror(errno));
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = add_set(&sets, names[i]->d_name, reterr);
		free(names[i]);
	}
	free(names);
	if (r < 0)
		return r;
	*ret = sets;
	sets = (struct sets){0};
	return 0;
}
