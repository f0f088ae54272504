/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign inspect`: the facts of programs and maps that a policy judges by, and its verdict. */

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/inspect_show.h"
#include "src/command/arguments.h"
#include "src/image/image.h"
#include "src/names/functions.h"

#define UNSIGNED "unsigned"

enum { OPTION_POLICY, OPTION_AS, OPTION_BTF, OPTION_JSON };
const struct option_spec inspect_options[] = {
	[OPTION_POLICY] = {"policy", 0, "FILE", "say what this policy would decide"},
	[OPTION_AS] = {"as", 0, "NAME", "for this entry of it, or 'unsigned'"},
	[OPTION_BTF] = {"btf", 0, "FILE", "the BTF of another kernel than the running one"},
	[OPTION_JSON] = {"json", 0, NULL, "print an object"},
	{0},
};

struct inspect_arguments {
	const char *policy, *as, *btf; /* or NULL */
	bool json;
	struct inspect_subject subject;
	uint32_t id; /* of a loaded program or map */
};

/* The question about one entry of the policy; it points into the rest. */
struct asked {
	struct policy policy;
	struct image image;
	struct inspect_question question;
};

static void asked_done(struct asked *asked)
{
	image_done(&asked->image);
	policy_done(&asked->policy);
}

/* FILE, or `prog ID`, or `map ID`. */
static int parse_subject(
	const struct command *command, int argc, char **argv, struct inspect_arguments *ret)
{
	const char *kind = argv[optind], *id = argv[optind + 1]; /* or NULL */

	if (argc - optind == 1) {
		ret->subject = (struct inspect_subject){"file", kind, false};
		return -1;
	}
	if (strcmp(kind, "prog") != 0 && strcmp(kind, "map") != 0)
		return command_usage(command, "one FILE, 'prog ID' or 'map ID'; not '%s'", kind);
	ret->subject = (struct inspect_subject){kind, id, true};
	unsigned long long number = strtoull(id, NULL, 10);
	if (!*id || id[strspn(id, "0123456789")] || number == 0 || number > UINT32_MAX)
		return command_usage(command, "'%s' is not the id of a %s", id, kind);
	ret->id = (uint32_t)number;
	return -1;
}

static int parse_arguments(
	const struct command *command, int argc, char **argv, struct inspect_arguments *ret)
{
	const char *value;
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0) {
		if (option == OPTION_POLICY)
			ret->policy = value;
		else if (option == OPTION_AS)
			ret->as = value;
		else if (option == OPTION_BTF)
			ret->btf = value;
		else
			ret->json = true;
	}
	int r = arguments_end(option);
	if (r < 0)
		r = arguments_count(command, argc, 1, 2);
	if (r >= 0)
		return r;
	if (!ret->policy != !ret->as)
		return command_usage(command, "--policy FILE and --as NAME belong together");
	return parse_subject(command, argc, argv, ret);
}

/* The verdict depends on no keyring; an entry without one would be refused. */
static int any_ring(void *userdata, const char *signer, struct diag *reterr)
{
	return 1;
}

static const struct bs_program *find_entry(const struct image *image, const char *name)
{
	const char *key = strcmp(name, UNSIGNED) == 0 ? "" : name;

	for (size_t i = 0; i < image->n_entries; i++)
		if (!image_is_kfuncs(&image->entries[i]) && !image_is_kernel(&image->entries[i]) &&
			!image_is_digest(&image->entries[i]) &&
			strncmp(image->entries[i].key.name, key, BS_NAME_SIZE) == 0)
			return &image->entries[i].value.program;
	return NULL;
}

static const struct bs_kfuncs *find_kfuncs(const struct image *image)
{
	for (size_t i = 0; i < image->n_entries; i++)
		if (image_is_kfuncs(&image->entries[i]))
			return &image->entries[i].value.kfuncs;
	return NULL;
}

static int no_entry(
	const struct inspect_arguments *arguments, const struct asked *asked, struct diag *reterr)
{
	size_t n = asked->policy.n_programs;
	_cleanup_free_ const char **names = calloc(n + 1, sizeof(*names));

	diag_set(reterr, -ENOENT, "'%s' has no entry '%s'", arguments->policy, arguments->as);
	for (size_t i = 0; names && i < n; i++)
		names[i] = asked->policy.programs[i].name;
	const char *nearest = names ? nearest_word(arguments->as, names, n) : NULL;
	if (nearest)
		diag_hint(reterr, "did you mean '%s'?", nearest);
	return -ENOENT;
}

static int ask(const struct inspect_arguments *arguments, const struct functions *functions,
	struct asked *ret, struct diag *reterr)
{
	struct inspect_question *question = &ret->question;

	question->names.functions = functions;
	if (!arguments->policy)
		return 0;
	int r = policy_load(arguments->policy, &ret->policy, reterr);
	if (r == 0)
		r = image_build(&ret->policy, functions, any_ring, NULL, &ret->image, reterr);
	if (r < 0)
		return r;
	question->entry = find_entry(&ret->image, arguments->as);
	if (!question->entry)
		return no_entry(arguments, ret, reterr);
	question->policy = arguments->policy;
	question->as = arguments->as;
	question->names.kfuncs = find_kfuncs(&ret->image);
	return 0;
}

static int collect(const struct inspect_arguments *arguments, const struct functions *functions,
	struct inspection *ret, struct diag *reterr)
{
	const char *kind = arguments->subject.kind;

	if (strcmp(kind, "file") == 0)
		return inspect_object(arguments->subject.name, ret, reterr);
	if (strcmp(kind, "map") == 0)
		return inspect_loaded_map(arguments->id, ret, reterr);
	return inspect_loaded_program(arguments->id, functions, ret, reterr);
}

static bool print(const struct inspect_arguments *arguments, const struct inspection *inspection,
	const struct inspect_question *question)
{
	struct json json;

	if (!arguments->json)
		return inspect_print(inspection, &arguments->subject, question);
	json_start(&json, stdout);
	bool good = inspect_print_json(&json, inspection, &arguments->subject, question);
	json_finish(&json);
	return good;
}

/* Names and verdicts need the kernel's BTF; the rest of an object file can be shown without. */
static int load_functions(
	const struct inspect_arguments *arguments, struct functions **ret, struct diag *reterr)
{
	int r = functions_load(arguments->btf, ret, reterr);

	if (r == 0 || arguments->btf || arguments->policy || arguments->subject.loaded)
		return r;
	log_warning(
		"%s; helpers are shown by number; --btf FILE gives their names", reterr->message);
	return 0;
}

int cmd_inspect(const struct command *command, int argc, char **argv)
{
	_cleanup_functions_ struct functions *functions = NULL;
	_cleanup_inspection_ struct inspection inspection = {0};
	_cleanup_(asked_done) struct asked asked = {0};
	struct inspect_arguments arguments = {0};
	struct diag diag = {0};

	int r = parse_arguments(command, argc, argv, &arguments);
	if (r >= 0)
		return r;
	r = load_functions(&arguments, &functions, &diag);
	if (r == 0)
		r = ask(&arguments, functions, &asked, &diag);
	if (r == 0)
		r = collect(&arguments, functions, &inspection, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	inspect_resolve(&inspection, functions);
	if (arguments.as)
		inspect_set_owner(&inspection, arguments.as);
	return print(&arguments, &inspection, &asked.question) ? EXIT_YES : EXIT_NO;
}
