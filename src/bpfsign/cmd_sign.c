/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign sign FILE…`: the command line, and the files to sign. needs.c finds the libraries of a
 * program; sign.c signs one file.
 */

#include <string.h>
#include <time.h>

#include "keyring/anchors.h"
#include "plugins/sign/signer.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/everything.h"
#include "src/bpfsign/sign_arguments.h"
#include "src/command/arguments.h"
#include "src/files/needs.h"
#include "src/files/role.h"
#include "src/names/names.h"
#include "src/sign/manifest.h"
#include "src/sign/sign.h"

enum {
	OPTION_ALL = SELECT_END,
	OPTION_ROOT_MAY_SIGN,
	OPTION_KEY,
	OPTION_CERTIFICATE,
	OPTION_NAME,
	OPTION_ROLE,
	OPTION_WITH,
	OPTION_SEQUENCE,
	OPTION_LIBRARIES,
	OPTION_MANIFEST,
	OPTION_DIGESTS,
	OPTION_FORCE,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec sign_options[] = {
	SELECTION_OPTIONS,
	[OPTION_ALL] = {"all", 0, NULL, "what /etc/bpfsign/sign.d says, if it has changed"},
	[OPTION_ROOT_MAY_SIGN] = {"root-may-sign", 0, NULL,
		"with --all: also by keys that are on this machine"},
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
	[OPTION_MANIFEST] = {"manifest", 'm', "OUT",
		"write the signatures into OUT, and touch no file (-: standard output)"},
	[OPTION_DIGESTS] = {"digests", 0, "FILE",
		"with --manifest: sign what `bpfsign digest` wrote into FILE"},
	[OPTION_FORCE] = {"force", 'f', NULL, "sign again what is rightly signed"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be signed"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

struct request {
	struct sign_options sign;
	bool all, root_may_sign, libraries;
};

static int set_option(
	struct request *request, const struct command *command, int option, const char *argument)
{
	struct sign_options *sign = &request->sign;

	switch (option) {
	case OPTION_ALL:
		request->all = true;
		return -1;
	case OPTION_ROOT_MAY_SIGN:
		request->root_may_sign = true;
		return -1;
	case OPTION_KEY:
		sign->key_uri = argument;
		return -1;
	case OPTION_CERTIFICATE:
		sign->certificate_path = argument;
		return -1;
	case OPTION_NAME:
		return sign_argument_program(command, argument, &sign->name);
	case OPTION_ROLE:
		return sign_argument_role(command, argument, &sign->role);
	case OPTION_WITH:
		return sign_argument_routes(command, argument, &sign->routes);
	case OPTION_SEQUENCE:
		sign->has_sequence = true;
		return arguments_number(command, "sequence", argument, UINT64_MAX, &sign->sequence);
	case OPTION_LIBRARIES:
		request->libraries = true;
		return -1;
	case OPTION_MANIFEST:
		sign->manifest_path = argument;
		return -1;
	case OPTION_DIGESTS:
		sign->digests_path = argument;
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

/* Options that the sets contain are refused. */
static int check_all(const struct request *request, const struct command *command, int argc)
{
	const struct sign_options *sign = &request->sign;

	if (sign->key_uri || sign->certificate_path || sign->name || sign->role != BS_ROLE_NONE ||
		request->libraries || sign->manifest_path || sign->digests_path ||
		sign->has_sequence)
		return command_usage(command, "--all says which files, and how; nothing else does");
	return select_none(&sign->select, command, argc);
}

static int check_operands(const struct request *request, const struct command *command, int argc)
{
	const struct sign_options *sign = &request->sign;
	const struct select_options *select = &sign->select;

	if (sign->use_json && sign->manifest_path && strcmp(sign->manifest_path, "-") == 0)
		return command_usage(command, "--json and '--manifest -' want the same output");
	if (!sign->digests_path)
		return select_operands(select, command, argc);
	if (!sign->manifest_path)
		return command_usage(command, "--digests needs --manifest");
	if (optind < argc || select->list || select->root || sign->name ||
		sign->role != BS_ROLE_NONE || request->libraries)
		return command_usage(
			command, "--digests says which files, and as what; nothing else does");
	return -1;
}

static int parse(struct request *request, const struct command *command, int argc, char **argv)
{
	struct sign_options *sign = &request->sign;
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = option < SELECT_END
				 ? select_option(&sign->select, command, option, argument)
				 : set_option(request, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0 && request->all)
		return check_all(request, command, argc);
	if (status < 0 && request->root_may_sign)
		status = command_usage(command, "--root-may-sign is for --all");
	if (status < 0)
		status = check_operands(request, command, argc);
	if (status < 0 && !sign->key_uri)
		status = command_usage(command, "--key is missing");
	if (status < 0 && request->libraries && sign->role != BS_ROLE_NONE &&
		sign->role != BS_ROLE_EXECUTABLE)
		status = command_usage(command, "--libraries is for executables");
	if (status < 0 && request->libraries && sign->select.root)
		status = command_usage(
			command, "--libraries asks this machine's loader, not one below --root");
	return status;
}

/* A program whose needs cannot be determined is not signed. */
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
		log_warning(
			"'%s' only executes another program, which then is no signed script: name the interpreter in the script's first line",
			need->path);
}

/* Is it a target already? Then it is signed in the role that it has as such. */
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

static int run(const struct request *request, char **operands)
{
	const struct sign_options *options = &request->sign;
	_cleanup_(sign_done) struct signing signing = SIGNING_INIT(options);
	int status = EXIT_UNKNOWN;
	struct diag diag;

	int r = select_fill(&signing.selection, operands, &diag);
	if (r >= 0 && request->libraries)
		r = add_needs(&signing.selection, &diag);
	if (r >= 0)
		r = sign_load_key(&signing, &diag);
	if (r >= 0 && options->manifest_path)
		r = sign_into_manifest(&signing, "signing", &status, &diag);
	else if (r >= 0)
		status = sign_all(&signing, "signing");
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : status;
}

int cmd_sign(const struct command *command, int argc, char **argv)
{
	struct request request = {
		.sign = {.routes = 1U << signer_find("claim"), .notice = diag_print}};
	struct sign_options *options = &request.sign;

	int status = parse(&request, command, argc, argv);
	if (status < 0 && !options->has_sequence)
		status = sign_argument_default_sequence(command, &options->sequence);
	if (status < 0)
		status = request.all ? everything_sign(options, request.root_may_sign)
				     : run(&request, argv + optind);
	select_options_done(&options->select);
	return status;
}
