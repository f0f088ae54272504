/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign policy`: is a policy file well formed and sensible? Never asks the kernel side. */

#include "src/bpfsign/bpfsign.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/command/arguments.h"
#include "src/policy/policy.h"

enum { OPTION_JSON };
const struct option_spec policy_options[] = {
	[OPTION_JSON] = {"json", 0, NULL, "check: print the findings as an array of objects"},
	{0},
};

/* The exit status for an error of policy_load(): a wrong file, or one that could not be read. */
static int load_status(int r)
{
	return r == -EINVAL || r == -EFBIG ? EXIT_NO : EXIT_UNKNOWN;
}

static void print_finding(void *userdata, bool error, const struct diag *diag)
{
	struct diag marked = *diag;

	if (!error)
		snprintf(marked.message, sizeof(marked.message), "warning: %.1000s", diag->message);
	diag_print(&marked);
}

static void print_json_finding(void *userdata, bool error, const struct diag *diag)
{
	struct json *json = userdata;

	json_object_begin(json, NULL);
	json_string(json, "kind", error ? "error" : "warning");
	if (diag->line) {
		json_unsigned(json, "line", diag->line);
		json_unsigned(json, "column", diag->column);
	}
	json_string(json, "message", diag->message);
	json_string(json, "hint", diag->hint);
	json_object_end(json);
}

/* The summary of a good file. */
struct summary {
	size_t n_programs;
	/* Control programs that may read unsigned files because the policy does not say. */
	char off[2][BS_NAME_SIZE];
	size_t n_off;
};

static void sum_up(const struct policy *policy, struct summary *ret)
{
	ret->n_programs = policy->n_programs;
	for (size_t i = 0; i < policy->n_programs; i++) {
		const struct policy_program *program = &policy->programs[i];
		if (!program->files.collateral.key.line && ret->n_off < ARRAY_SIZE(ret->off) &&
			program->files.collateral.number == BS_COLLATERAL_OFF)
			memcpy(ret->off[ret->n_off++], program->name, sizeof(program->name));
	}
}

/* Everything that is wrong with one file, to print; *ret must be zero. */
static int find_faults(
	const char *path, policy_complaint_fn print, void *userdata, struct summary *ret)
{
	_cleanup_policy_ struct policy policy = {0};
	struct diag diag;

	int r = policy_load(path, &policy, &diag);
	if (r < 0) {
		print(userdata, /* error= */ true, &diag);
		return load_status(r);
	}
	sum_up(&policy, ret);
	policy_check_links(&policy, print, userdata);
	return policy_check(&policy, print, userdata) > 0 ? EXIT_NO : EXIT_YES;
}

static int check_file(const char *path)
{
	struct summary summary = {0};
	size_t n;

	int status = find_faults(path, print_finding, NULL, &summary);
	_cleanup_free_ char *name = escape_text(path, strlen(path));
	if (status != EXIT_YES)
		return status;
	n = summary.n_programs;
	printf("%s: ok, %zu program%s\n", name ?: "?", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < summary.n_off; i++)
		printf("%s: %s: collateral: off, its default: it verifies what it reads\n",
			name ?: "?", summary.off[i]);
	return status;
}

static int check_file_json(const char *path, struct json *json)
{
	struct summary summary = {0};

	json_object_begin(json, NULL);
	json_string(json, "file", path);
	json_array_begin(json, "findings");
	int status = find_faults(path, print_json_finding, json, &summary);
	json_array_end(json);
	json_bool(json, "ok", status == EXIT_YES);
	json_unsigned(json, "programs", summary.n_programs);
	json_array_begin(json, "collateral_off_by_default");
	for (size_t i = 0; i < summary.n_off; i++)
		json_string(json, NULL, summary.off[i]);
	json_array_end(json);
	json_object_end(json);
	return status;
}

/* The worst of the files decides. */
static int check_files(char **paths, bool as_json)
{
	int worst = EXIT_YES;
	struct json json;

	json_start(&json, stdout);
	if (as_json)
		json_array_begin(&json, NULL);
	for (; *paths; paths++) {
		int status = as_json ? check_file_json(*paths, &json) : check_file(*paths);
		if (status > worst)
			worst = status;
	}
	if (as_json) {
		json_array_end(&json);
		json_finish(&json);
	}
	return worst;
}

static int show_file(const char *path)
{
	_cleanup_policy_ struct policy policy = {0};
	struct diag diag;

	int r = policy_load(path, &policy, &diag);
	if (r < 0) {
		diag_print(&diag);
		return load_status(r);
	}
	_cleanup_free_ char *text = policy_show(&policy);
	if (!text) {
		log_error("out of memory");
		return EXIT_UNKNOWN;
	}
	fputs(text, stdout);
	return EXIT_YES;
}

static int run_verb(const struct command *command, char **operands, bool json)
{
	const char *verb = operands[0];

	if (!verb)
		return command_usage(command, "'check' or 'show' is missing");
	if (strcmp(verb, "check") == 0)
		return operands[1] ? check_files(operands + 1, json)
				   : command_usage(command, "'check' needs a FILE");
	if (strcmp(verb, "show") != 0)
		return command_usage(command, "'%s' is neither 'check' nor 'show'", verb);
	if (json)
		return command_usage(command, "'--json' is for 'check'");
	if (!operands[1] || operands[2])
		return command_usage(command, "'show' needs one FILE");
	return show_file(operands[1]);
}

int cmd_policy(const struct command *command, int argc, char **argv)
{
	const char *argument;
	bool json = false;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		json = json || option == OPTION_JSON;
	int status = arguments_end(option);
	return status >= 0 ? status : run_verb(command, argv + optind, json);
}
