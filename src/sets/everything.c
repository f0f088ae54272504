/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a set to the options of the command that it stands for. */

#include "src/sets/everything.h"

#include <string.h>

#include "plugins/sign/signer.h"
#include "src/apply/apply.h"

/* The root of a set's paths, which no option changes. */
static const char machine_root[] = "/";

static int fill_options(
	struct select_options *ret, const struct set *set, uint64_t jobs, struct diag *reterr)
{
	int r = 0;

	*ret = (struct select_options){
		.recursive = true, .programs = set->programs, .guarded = true, .jobs = jobs};
	for (size_t i = 0; r == 0 && i < set->include.n; i++)
		r = select_add_glob(&ret->include, set->include.items[i]);
	for (size_t i = 0; r == 0 && i < set->exclude.n; i++)
		r = select_add_glob(&ret->exclude, set->exclude.items[i]);
	return r < 0 ? diag_set(reterr, r, "out of memory") : 0;
}

/* --- sign ----------------------------------------------------------------------------------- */

static int apply_manifest(const struct sign_options *asked, const struct set *set, int *ret_status,
	struct diag *reterr)
{
	const struct apply_options options = {.file = set->manifest,
		.force = asked->force,
		.dry_run = asked->dry_run,
		.use_json = asked->use_json,
		.select = {.root = machine_root, .guarded = true, .jobs = asked->select.jobs},
		.notice = asked->notice};
	_cleanup_(apply_done) struct applying applying = APPLYING_INIT(&options);

	int r = apply_load(&applying, reterr);
	if (r >= 0)
		*ret_status = apply_all(&applying);
	return r;
}

static int refuse_key(const struct set *set, struct diag *reterr)
{
	diag_set(reterr, -EPERM, "with the key of '%s' on this machine, root can sign anything",
		set->file);
	diag_hint(reterr,
		"sign where the key is (--manifest), and name the manifest instead; or --root-may-sign");
	return -EPERM;
}

static int sign_with(
	struct sign_options *options, const struct set *set, int *ret_status, struct diag *reterr)
{
	_cleanup_(sign_done) struct signing signing = SIGNING_INIT(options);

	int r = signer_parse(set->kinds ?: signer_claim.name, &options->routes, reterr);
	if (r >= 0)
		r = select_fill(&signing.selection, (char **)set->paths.items, reterr);
	if (r >= 0)
		r = sign_load_key(&signing, reterr);
	if (r >= 0)
		*ret_status = sign_all(&signing, "signing");
	return r;
}

int sets_sign(const struct sign_options *asked, bool root_may_sign, const struct set *set,
	int *ret_status, struct diag *reterr)
{
	struct sign_options options = {.key_uri = set->key,
		.certificate_path = set->certificate,
		.name = set->name,
		.role = set->role,
		.force = asked->force,
		.dry_run = asked->dry_run,
		.use_json = asked->use_json,
		.sequence = asked->sequence,
		.notice = asked->notice};

	if (set->manifest)
		return apply_manifest(asked, set, ret_status, reterr);
	if (!set->root_may_sign && !root_may_sign && !asked->dry_run)
		return refuse_key(set, reterr);
	int r = fill_options(&options.select, set, asked->select.jobs, reterr);
	if (r >= 0)
		r = sign_with(&options, set, ret_status, reterr);
	select_options_done(&options.select);
	return r;
}

/* --- verify --------------------------------------------------------------------------------- */

/* The files of a manifest, as operands. */
static int select_manifest(struct selection *selection, const char *file, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};

	int r = manifest_load(file, &manifest, reterr);
	return r < 0 ? r : manifest_select(&manifest, selection, reterr);
}

int sets_verify(
	const struct verifying *asked, const struct set *set, int *ret_status, struct diag *reterr)
{
	struct verify_options options = *asked->options;
	struct verifying verifying = *asked; /* the anchors stay asked's */

	verifying.options = &options;
	verifying.selection = (struct selection)SELECTION_INIT(&options.select);
	int r = fill_options(&options.select, set, asked->options->select.jobs, reterr);
	if (set->manifest) {
		options.select.recursive = false;
		options.select.root = machine_root;
	}
	if (r >= 0)
		r = set->manifest
			    ? select_manifest(&verifying.selection, set->manifest, reterr)
			    : select_fill(&verifying.selection, (char **)set->paths.items, reterr);
	if (r >= 0)
		*ret_status = verify_all(&verifying);
	selection_done(&verifying.selection);
	select_options_done(&options.select);
	return r;
}
