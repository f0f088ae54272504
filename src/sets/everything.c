/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a set to the command that it stands for. */

#include "src/sets/everything.h"

#include <string.h>

#include "src/apply/apply.h"
#include "src/command/command.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/sets/sets.h"
#include "src/base/base.h"

/* The paths of the machine, whose root is nobody's choice. */
static const char machine_root[] = "/";

/* Calls run for each set; what it prints is an array that belongs to the set. */
static int for_each(
	bool use_json, int (*run)(const void *asked, const struct sign_set *set), const void *asked)
{
	_cleanup_sign_sets_ struct sign_sets sets = {0};
	struct json json;
	struct diag diag;
	int status = EXIT_YES;

	if (sign_sets_load(&sets, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (sets.n == 0)
		log_info("there is nothing in '%s'", sign_sets_directory());
	json_start(&json, stdout);
	if (use_json)
		json_array_begin(&json, NULL);
	for (size_t i = 0; i < sets.n; i++) {
		if (use_json) {
			json_object_begin(&json, NULL);
			json_string(&json, "set", sets.items[i].file);
			fputs(",\"files\":", stdout);
		}
		int one = run(asked, &sets.items[i]);
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

/* An error of a whole set; the array of its files is empty. */
static int refuse(bool use_json, const struct diag *diag)
{
	if (use_json)
		fputs("[]", stdout);
	return log_diag(EXIT_UNKNOWN, diag);
}

static void fill_selection(struct selection *selection, const struct sign_set *set)
{
	selection->recursive = true;
	selection->programs = set->programs;
	for (size_t i = 0; i < set->include.n; i++)
		words_add(&selection->include, set->include.items[i]);
	for (size_t i = 0; i < set->exclude.n; i++)
		words_add(&selection->exclude, set->exclude.items[i]);
}

/* --- sign ----------------------------------------------------------------------------------- */

/* Of the command line, for all sets. */
struct asked {
	const struct sign *sign;
	bool root_may_sign;
};

static int apply_set(const struct sign *asked, const struct sign_set *set)
{
	_cleanup_(apply_done) struct apply apply = {.file = set->manifest,
		.force = asked->force,
		.dry_run = asked->dry_run,
		.use_json = asked->use_json,
		.selection = SELECTION_INIT};
	struct diag diag;

	apply.selection.root = machine_root;
	apply.selection.jobs = asked->selection.jobs;
	return apply_load(&apply, &diag) < 0 ? refuse(asked->use_json, &diag) : apply_all(&apply);
}

static int check_may_sign(
	const struct asked *asked, const struct sign_set *set, struct diag *reterr)
{
	if (set->root_may_sign || asked->root_may_sign || asked->sign->dry_run)
		return 0;
	diag_set(reterr, -EPERM, "with the key of '%s' on this machine, root can sign anything",
		set->file);
	diag_hint(reterr,
		"sign where the key is (--manifest), and name the manifest instead; or --root-may-sign");
	return -EPERM;
}

static int sign_set(const struct asked *asked, const struct sign_set *set)
{
	const struct sign *with = asked->sign;
	_cleanup_(sign_done) struct sign sign = {.key_uri = set->key,
		.certificate_path = set->certificate,
		.name = set->name,
		.role = set->role,
		.force = with->force,
		.dry_run = with->dry_run,
		.use_json = with->use_json,
		.sequence = with->sequence,
		.selection = SELECTION_INIT,
		.turn = PTHREAD_MUTEX_INITIALIZER};
	struct diag diag;

	fill_selection(&sign.selection, set);
	sign.selection.jobs = with->selection.jobs;
	int r = check_may_sign(asked, set, &diag);
	if (r >= 0)
		r = signers_parse(set->kinds ?: signer_claim.name, &sign.routes, &diag);
	if (r >= 0)
		r = selection_fill(&sign.selection, (char **)set->paths.items, &diag);
	if (r >= 0)
		r = sign_load_key(&sign, &diag);
	return r < 0 ? refuse(with->use_json, &diag) : sign_all(&sign, "signing");
}

static int sign_one(const void *context, const struct sign_set *set)
{
	const struct asked *asked = context;
	return set->manifest ? apply_set(asked->sign, set) : sign_set(asked, set);
}

int sign_everything_of(const struct sign *sign, const struct sign_set *set)
{
	const struct asked asked = {sign, /* root_may_sign= */ false};
	return sign_set(&asked, set);
}

int sign_everything(const struct sign *sign, bool root_may_sign)
{
	const struct asked asked = {sign, root_may_sign};
	return for_each(sign->use_json, sign_one, &asked);
}

/* --- verify --------------------------------------------------------------------------------- */

/* The files of a manifest, as operands. */
static int select_manifest(struct selection *selection, const char *file, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};

	selection->root = machine_root;
	int r = manifest_load(file, &manifest, reterr);
	return r < 0 ? r : manifest_select(&manifest, selection, reterr);
}

static int verify_one(const void *context, const struct sign_set *set)
{
	const struct verify *asked = context;
	struct verify verify = *asked; /* the anchors stay asked's */
	struct diag diag;

	verify.selection = (struct selection)SELECTION_INIT;
	verify.selection.jobs = asked->selection.jobs;
	fill_selection(&verify.selection, set);
	int r = set->manifest ? select_manifest(&verify.selection, set->manifest, &diag)
			      : selection_fill(&verify.selection, (char **)set->paths.items, &diag);
	int status = r < 0 ? refuse(asked->use_json, &diag) : verify_all(&verify);
	selection_done(&verify.selection);
	return status;
}

int verify_everything(struct verify *asked)
{
	return for_each(asked->use_json, verify_one, asked);
}
