/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign sign FILE…`: the command line, and which files there are to sign. What else a program
 * needs is found by needs.c; sign.c signs one file.
 */

#include <string.h>
#include <time.h>

#include "arguments.h"
#include "batch.h"
#include "cmd.h"
#include "keyring/anchors.h"
#include "log.h"
#include "names.h"
#include "needs.h"
#include "plugins/sign/signer.h"
#include "role.h"
#include "sign.h"
#include "util.h"

enum {
	OPTION_KEY = SELECT_END,
	OPTION_CERTIFICATE,
	OPTION_NAME,
	OPTION_ROLE,
	OPTION_WITH,
	OPTION_SEQUENCE,
	OPTION_LIBRARIES,
	OPTION_FORCE,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec sign_options[] = {
	SELECTION_OPTIONS,
	[OPTION_KEY] = {"key", 'k', "KEY", "the private key: a file, or a URI (pkcs11:…)"},
	[OPTION_CERTIFICATE] = {"certificate", 'c', "FILE", "its certificate, if not beside it"},
	[OPTION_NAME] = {"name", 0, "NAME", "the program's name (default: the file's)"},
	[OPTION_ROLE] = {"role", 0, "ROLE",
		"executable, library, collateral or policy (default: by content)"},
	[OPTION_WITH] = {"with", 0, "KINDS",
		"signatures beside the claim: ima or ima-v2, builtin (separated by commas)"},
	[OPTION_SEQUENCE] = {"sequence", 0, "N", "its version (default: seconds since 1970)"},
	[OPTION_LIBRARIES] = {"libraries", 0, NULL,
		"also the shared libraries and interpreters that each FILE needs"},
	[OPTION_FORCE] = {"force", 'f', NULL, "sign again what is rightly signed"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be signed"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

static void sign_done(struct sign *sign)
{
	key_done(&sign->key);
	selection_done(&sign->selection);
	pthread_mutex_destroy(&sign->turn);
}

static int set_role(const struct command *command, const char *text, enum bs_role *ret)
{
	int role = role_find(text);

	if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
		return command_usage(command,
			"--role '%s' is not executable, library, collateral or policy", text);
	*ret = (enum bs_role)role;
	return -1;
}

static int set_name(const struct command *command, const char *text, const char **ret)
{
	*ret = text;
	return name_is_valid(text) ? -1
				   : command_usage(command,
					     "--name '%s' is not a name ([a-z0-9._-]{1,63})", text);
}

static int set_routes(const struct command *command, const char *text, unsigned *ret)
{
	struct diag diag;

	if (signers_parse(text, ret, &diag) == 0)
		return -1;
	return command_usage(command, "--with '%s': %s%s%s", text, diag.message,
		diag.hint[0] ? "; " : "", diag.hint);
}

static int set_option(
	struct sign *sign, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_KEY:
		sign->key_uri = argument;
		return -1;
	case OPTION_CERTIFICATE:
		sign->certificate_path = argument;
		return -1;
	case OPTION_NAME:
		return set_name(command, argument, &sign->name);
	case OPTION_ROLE:
		return set_role(command, argument, &sign->role);
	case OPTION_WITH:
		return set_routes(command, argument, &sign->routes);
	case OPTION_SEQUENCE:
		sign->has_sequence = true;
		return argument_number(command, "sequence", argument, UINT64_MAX, &sign->sequence);
	case OPTION_LIBRARIES:
		sign->libraries = true;
		return -1;
	case OPTION_FORCE:
		sign->force = true;
		return -1;
	case OPTION_DRY_RUN:
		sign->dry_run = true;
		return -1;
	default:
		sign->use_json = true;
		return -1;
	}
}

static int parse(struct sign *sign, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = option < SELECT_END ? selection_option(&sign->selection, command, option,
						       argument)
					     : set_option(sign, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = selection_operands(&sign->selection, command, argc);
	if (status < 0 && !sign->key_uri)
		status = command_usage(command, "--key is missing");
	if (status < 0 && sign->libraries && sign->role != BS_ROLE_NONE &&
		sign->role != BS_ROLE_EXECUTABLE)
		status = command_usage(command, "--libraries is for executables");
	if (status < 0 && sign->libraries && sign->selection.root)
		status = command_usage(
			command, "--libraries asks this machine's loader, not one below --root");
	return status;
}

static int load_key(struct sign *sign, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	enum key_origin origin;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = key_load_signing(sign->key_uri, sign->certificate_path, &anchors, &sign->key,
			&origin, reterr);
	if (r >= 0)
		sign->is_token = key_is_token(&sign->key);
	if (r >= 0 && origin == KEY_MADE)
		log_warning("the key is not enrolled here and has no certificate beside it");
	return r;
}

/* A program among the targets of which it cannot be said what it needs is not signed. */
static void find_needs_of(struct needs *needs, struct target *target)
{
	struct diag diag;

	if (target->error < 0 || needs_add(needs, target->path, &diag) == 0)
		return;
	target->refusal = malloc(sizeof(diag));
	if (target->refusal)
		*target->refusal = diag;
	else
		target->error = -ENOMEM;
}

static void warn_of_env(const struct need *need)
{
	if (need->role == BS_ROLE_EXECUTABLE && strcmp(strrchr(need->path, '/'), "/env") == 0)
		log_warning("'%s' only executes another program, which then is no signed script: name the interpreter in the script's first line",
			need->path);
}

/* Among the targets already: signed as what it is there. */
static bool is_target(const struct selection *selection, size_t n, const char *need)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *real = realpath(selection->targets[i].path, NULL);
		if (real && strcmp(real, need) == 0)
			return true;
	}
	return false;
}

/* Before the key is in memory, since this starts other programs. */
static int add_needs(struct selection *selection, struct diag *reterr)
{
	_cleanup_(needs_done) struct needs needs = {0};
	size_t n = selection->n;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		find_needs_of(&needs, &selection->targets[i]);
	for (size_t i = 0; r == 0 && i < needs.n; i++) {
		struct need *need = &needs.items[i];
		warn_of_env(need);
		if (!is_target(selection, n, need->path))
			r = selection_add_needed(selection, TAKE_PTR(need->path), need->role);
	}
	return r < 0 ? diag_set(reterr, r, "out of memory") : 0;
}

static const char *path_of(void *context, size_t item)
{
	const struct sign *sign = context;
	return sign->selection.targets[item].path;
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	sign_target(context, item, outcome);
}

static int sign_all(struct sign *sign)
{
	const struct batch batch = {.verb = "signing",
		.kinds = sign_results,
		.use_json = sign->use_json,
		.jobs = (unsigned)sign->selection.jobs,
		.n = sign->selection.n,
		.path = path_of,
		.run = run_item,
		.context = sign};

	return batch_run(&batch);
}

/* The time, unless SOURCE_DATE_EPOCH says another one. */
static int default_sequence(const struct command *command, uint64_t *ret)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (epoch && *epoch)
		return argument_number(
			command, "sequence of SOURCE_DATE_EPOCH", epoch, UINT64_MAX, ret);
	*ret = (uint64_t)time(NULL);
	return -1;
}

int cmd_sign(const struct command *command, int argc, char **argv)
{
	_cleanup_(sign_done) struct sign sign = {.routes = 1U << signer_find("claim"),
		.selection = SELECTION_INIT,
		.turn = PTHREAD_MUTEX_INITIALIZER};
	struct diag diag;

	int status = parse(&sign, command, argc, argv);
	if (status < 0 && !sign.has_sequence)
		status = default_sequence(command, &sign.sequence);
	if (status >= 0)
		return status;
	int r = selection_fill(&sign.selection, argv + optind, &diag);
	if (r >= 0 && sign.libraries)
		r = add_needs(&sign.selection, &diag);
	if (r >= 0)
		r = load_key(&sign, &diag);
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : sign_all(&sign);
}
