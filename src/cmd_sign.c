/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign sign FILE…`: the command line, and which files there are to sign. What else a program
 * needs is found by needs.c; sign.c signs one file.
 */

#include <string.h>

#include "arguments.h"
#include "cmd.h"
#include "keyring/anchors.h"
#include "log.h"
#include "names.h"
#include "plugins/sign/signer.h"
#include "role.h"
#include "sign.h"
#include "util.h"

enum {
	OPTION_KEY,
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
	needs_done(&sign->needs);
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
		status = set_option(sign, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 1, argc);
	if (status < 0 && !sign->key_uri)
		status = command_usage(command, "--key is missing");
	if (status < 0 && sign->libraries && sign->role != BS_ROLE_NONE &&
		sign->role != BS_ROLE_EXECUTABLE)
		status = command_usage(command, "--libraries is for executables");
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
	if (r >= 0 && origin == KEY_MADE)
		log_warning("the key is not enrolled here and has no certificate beside it");
	return r;
}

/*
 * Takes out of paths what cannot be signed with what it needs. Before the key is in memory, since this
 * starts another program.
 */
static int find_needs(struct sign *sign, char **paths)
{
	struct diag diag;
	char **kept = paths;
	int status = EXIT_YES;

	for (; *paths; paths++) {
		if (!sign->libraries || needs_add(&sign->needs, *paths, &diag) == 0) {
			*kept++ = *paths;
			continue;
		}
		sign_report_failure(sign, *paths, &diag);
		status = EXIT_UNKNOWN;
	}
	*kept = NULL;
	return status;
}

static void warn_of_env(const struct need *need)
{
	if (need->role == BS_ROLE_EXECUTABLE && strcmp(strrchr(need->path, '/'), "/env") == 0)
		log_warning("'%s' only executes another program, which then is no signed script: name the interpreter in the script's first line",
			need->path);
}

/* Named on the command line too: signed as what it is there. */
static bool is_named(char **paths, const char *need)
{
	for (; *paths; paths++) {
		_cleanup_free_ char *real = realpath(*paths, NULL);
		if (real && strcmp(real, need) == 0)
			return true;
	}
	return false;
}

static int sign_all(struct sign *sign, char **paths)
{
	int status = EXIT_YES;

	for (char **path = paths; *path; path++) {
		struct target target = {*path, sign->role, /* needed= */ false};
		status |= sign_target(sign, &target);
	}
	for (size_t i = 0; i < sign->needs.n; i++) {
		const struct need *need = &sign->needs.items[i];
		struct target target = {need->path, need->role, /* needed= */ true};
		warn_of_env(need);
		if (!is_named(paths, need->path))
			status |= sign_target(sign, &target);
	}
	return status;
}

int cmd_sign(const struct command *command, int argc, char **argv)
{
	_cleanup_(sign_done) struct sign sign = {.routes = 1U << signer_find("claim")};
	struct diag diag;

	int status = parse(&sign, command, argc, argv);
	if (status >= 0)
		return status;
	json_start(&sign.json, stdout);
	if (sign.use_json)
		json_array_begin(&sign.json, NULL);
	status = find_needs(&sign, argv + optind);
	if (load_key(&sign, &diag) < 0)
		status = log_diag(EXIT_UNKNOWN, &diag);
	else
		status |= sign_all(&sign, argv + optind);
	if (sign.use_json) {
		json_array_end(&sign.json);
		json_finish(&sign.json);
	}
	return status;
}
