/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a file's content and the command line to its claim. */

#include "src/sign/sign.h"

#include <string.h>

#include "keyring/anchors.h"
#include "plugins/sign/signatures.h"
#include "src/base/text.h"
#include "src/files/batch.h"
#include "src/files/role.h"
#include "src/sign/internal.h"
#include "src/sign/manifest.h"
#include "src/sign/settle.h"

/* A basename as a name: of a library or collateral, where it informs and decides nothing. */
static void derive_name(const char *base, char ret[BS_NAME_SIZE])
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t i;

	for (i = 0; base[i] && i < BS_NAME_SIZE - 1; i++)
		ret[i] = base[i] >= 'A' && base[i] <= 'Z' ? (char)(base[i] - 'A' + 'a')
			 : strchr(others, base[i])        ? base[i]
							  : '_';
	ret[i] = 0;
}

/* The basename, if it may name a program. */
static int default_name(
	const char *path, enum bs_role role, char ret[BS_NAME_SIZE], struct diag *reterr)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (role == BS_ROLE_LIBRARY || role == BS_ROLE_COLLATERAL) {
		derive_name(name, ret);
		return 0;
	}
	if (!name_is_valid(name)) {
		diag_set(reterr, -EINVAL, "'%s': '%s' cannot name a program ([a-z0-9._-]{1,63})",
			path, name);
		diag_hint(reterr, "choose one with --name");
		return -EINVAL;
	}
	snprintf(ret, BS_NAME_SIZE, "%s", name);
	return 0;
}

/* The claim and the digests of a request. */
static int fill_request(const struct sign_options *options, const struct target *target,
	struct sign_request *request, bool *ret_sealed, struct diag *reterr)
{
	const char *path = target->path;
	struct claim claim = {
		.role = target->needed ? target->role : options->role,
		.sequence = options->sequence,
		.digest_algorithm = BS_DIGEST_SHA256,
		.digest_size = BS_DIGEST_SIZE,
	};

	int r = claim.role == BS_ROLE_NONE ? role_guess(request->fd, &claim.role) : 0;
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	if (options->name && !target->needed)
		snprintf(claim.name, sizeof(claim.name), "%s", options->name);
	else
		r = default_name(path, claim.role, claim.name, reterr);
	if (r < 0)
		return r;
	r = signer_digests(request->fd, request->routes, &request->digests, ret_sealed, reterr);
	if (r < 0) {
		diag_at(reterr, path, 0, 0);
		return r;
	}
	memcpy(claim.digest, request->digests.verity, BS_DIGEST_SIZE);
	request->claim = claim;
	return 0;
}

/* --- signing -------------------------------------------------------------------------------- */

/*
 * A file that a program needs keeps a good claim of this key under any name: policies may know it
 * by that name. A library may be signed as an executable, which libc.so.6 is.
 */
static bool keeps_claim(struct sign_item *item, struct claim *ret)
{
	struct sign_request *request = &item->request;
	struct anchor own = {.certificate = request->certificate};
	const struct anchors anchors = {&own, 1};
	const struct anchor *anchor;
	struct diag diag;

	int r = signer_read_claim(
		request->path, request->fd, request->digests.verity, &anchors, ret, &anchor, NULL);
	if (r == -ENOKEY) {
		diag_set(&diag, r, "warning: '%s': the claim of another key gives way",
			request->path);
		diag_hint(&diag, "programs of that signer need this one in 'file-signers'");
		diag_write(item->outcome->err, &diag);
	}
	if (r < 0 || !item->sealed ||
		(ret->role != request->claim.role && ret->role != BS_ROLE_EXECUTABLE))
		return false;
	/* Should it only lack a signature beside the claim. */
	request->claim.role = ret->role;
	memcpy(request->claim.name, ret->name, sizeof(ret->name));
	return signatures_are_beside(request);
}

static bool is_signed(struct sign_item *item, struct claim *ret)
{
	const struct sign_options *options = item->signing->options;
	bool right = item->target->needed ? keeps_claim(item, ret)
					  : signatures_are_current(&item->request, ret);

	return right && !options->force &&
	       (!options->has_sequence || ret->sequence == options->sequence);
}

static int sign_sealing(struct sign_item *item, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	const struct sign_request *request = &item->request;
	struct claim present;
	struct diag why;

	if (is_signed(item, &present)) {
		sign_report(item, SIGN_ALREADY, &present);
		return 0;
	}
	if (item->signing->options->dry_run) {
		sign_report(item, SIGN_WOULD, &request->claim);
		return 0;
	}
	int r = sign_make(item, &signatures, reterr);
	if (r >= 0)
		r = signatures_apply(
			request->path, request->fd, &request->claim, &signatures, reterr);
	if (r < 0)
		return r;
	sign_report(item, SIGN_SIGNED, &request->claim);
	if (settle_file(request->path, request->fd, item->sealed, request->claim.role, &why) < 0)
		batch_warn(item->outcome, SETTLE_WARNING, &why);
	return 0;
}

static int sign_file(struct sign_item *item, int fd, struct diag *reterr)
{
	const struct sign_options *options = item->signing->options;

	item->request.fd = fd;
	if (options->claims)
		return sign_manifest_collect(item, reterr);
	int r = fill_request(options, item->target, &item->request, &item->sealed, reterr);
	if (r >= 0)
		r = signer_suit(options->routes, item->request.claim.role, reterr);
	if (r < 0)
		return r;
	return options->manifest_path ? sign_manifest_add(item, reterr)
				      : sign_sealing(item, reterr);
}

/* 1: it is passed over. */
static int sign_item(struct sign_item *item, struct diag *reterr)
{
	const struct signing *signing = item->signing;
	_cleanup_close_ int fd = -EBADF;

	if (signing->options->digests_path) {
		int r = sign_manifest_request(item, reterr);
		return r < 0 ? r : sign_manifest_add(item, reterr);
	}
	int r = selection_open(&signing->selection, item->target, &fd, reterr);
	return r == 0 ? sign_file(item, fd, reterr) : r;
}

/* --- all of them ---------------------------------------------------------------------------- */

/* NULL: there is none (`digest`), or no memory. */
static EVP_PKEY *key_of_worker(struct signing *signing, unsigned worker)
{
	EVP_PKEY **copy = &signing->copies[worker];

	if (!*copy && signing->key.private_key)
		*copy = key_copy(&signing->key);
	return *copy;
}

static const char *path_of(void *context, size_t index)
{
	const struct signing *signing = context;

	return signing->options->digests_path ? signing->digests.entries[index].path
					      : signing->selection.targets[index].path;
}

static void run_item(void *context, size_t index, struct outcome *outcome)
{
	struct signing *signing = context;
	const struct target entry = {.path = (char *)path_of(signing, index)};
	struct sign_item item = {.signing = signing,
		.target = signing->options->digests_path ? &entry
							 : &signing->selection.targets[index],
		.index = index,
		.outcome = outcome,
		.request = {.path = entry.path,
			.fd = -EBADF,
			.key = key_of_worker(signing, outcome->worker),
			.certificate = signing->key.certificate,
			.routes = signing->options->routes}};
	struct diag diag;

	int r = sign_item(&item, &diag);
	if (r < 0)
		sign_report_failure(&item, &diag);
	if (r > 0)
		outcome->kind = SIGN_PASSED_OVER;
}

static void take_line(void *context, size_t index, const struct outcome *outcome)
{
	sign_manifest_take(context, index);
}

int sign_all(struct signing *signing, const char *verb)
{
	const struct sign_options *options = signing->options;
	const struct batch batch = {.verb = verb,
		.kinds = sign_results,
		.use_json = options->use_json,
		.jobs = (unsigned)options->select.jobs,
		.n = options->digests_path ? signing->digests.n : signing->selection.n,
		.path = path_of,
		.run = run_item,
		.done = options->manifest_path ? take_line : NULL,
		.context = signing};

	return batch_run(&batch);
}

int sign_into_manifest(
	struct signing *signing, const char *verb, int *ret_status, struct diag *reterr)
{
	int r = sign_manifest_begin(signing, reterr);

	if (r < 0)
		return r;
	int status = sign_all(signing, verb);
	r = sign_manifest_end(signing, reterr);
	if (r < 0)
		return r;
	*ret_status = status;
	return 0;
}

int sign_load_key(struct signing *signing, struct diag *reterr)
{
	const struct sign_options *options = signing->options;
	_cleanup_anchors_ struct anchors anchors = {0};
	enum key_origin origin;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = key_load_signing(options->key_uri, options->certificate_path, &anchors,
			&signing->key, &origin, reterr);
	if (r >= 0)
		signing->is_token = key_is_token(&signing->key);
	if (r >= 0 && origin == KEY_MADE)
		sign_notice(signing,
			"warning: the key is not enrolled here and has no certificate beside it");
	return r;
}

void sign_done(struct signing *signing)
{
	for (size_t i = 0; i < WORK_JOBS_LIMIT; i++)
		key_free_copy(signing->copies[i]);
	key_done(&signing->key);
	selection_done(&signing->selection);
	sign_manifest_done(signing);
	pthread_mutex_destroy(&signing->turn);
}
