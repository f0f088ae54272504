/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `sign --all` and `verify --all`: each set of sign.d in turn, and their output. */

#include "src/bpfsign/everything.h"

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/command/command.h"

/* The command line. */
struct request {
	const struct sign_options *sign; /* or: */
	const struct verifying *verify;
	bool root_may_sign;
};

/* An error of a whole set; the array of its files is empty. */
static int refuse(bool use_json, const struct diag *diag)
{
	if (use_json)
		fputs("[]", stdout);
	return log_diag(EXIT_UNKNOWN, diag);
}

static int run(const struct request *request, bool use_json, const struct set *set)
{
	int status = EXIT_YES;
	struct diag diag;
	int r = request->sign
			? sets_sign(request->sign, request->root_may_sign, set, &status, &diag)
			: sets_verify(request->verify, set, &status, &diag);

	return r < 0 ? refuse(use_json, &diag) : status;
}

/* Each set prints an array, which in JSON belongs to an object of the set. */
static int for_each(const struct request *request, bool use_json)
{
	_cleanup_sets_ struct sets sets = {0};
	struct json json;
	struct diag diag;
	int status = EXIT_YES;

	if (sets_load(&sets, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (sets.n == 0)
		log_info("there is nothing in '%s'", sets_directory());
	json_start(&json, stdout);
	if (use_json)
		json_array_begin(&json, NULL);
	for (size_t i = 0; i < sets.n; i++) {
		if (use_json) {
			json_object_begin(&json, NULL);
			json_string(&json, "set", sets.items[i].file);
			fputs(",\"files\":", stdout);
		}
		int one = run(request, use_json, &sets.items[i]);
		status = one > status ? one : status;
		if (use_json)
			json_object_end(&json);
	}
	if (use_json) {
		json_array_end(&json);
		json_finish(&json);
	}
	return status;
}

int everything_sign(const struct sign_options *asked, bool root_may_sign)
{
	const struct request request = {.sign = asked, .root_may_sign = root_may_sign};
	return for_each(&request, asked->use_json);
}

int everything_verify(const struct verifying *asked)
{
	const struct request request = {.verify = asked};
	return for_each(&request, asked->options->use_json);
}
