/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a file's content and the command line to its claim. */

#include "src/sign/sign.h"

#include <inttypes.h>
#include <string.h>

#include "src/command/command.h"
#include "src/base/json.h"
#include "src/names/names.h"
#include "plugins/sign/signer.h"
#include "src/files/role.h"
#include "src/sign/settle.h"
#include "src/sign/internal.h"
#include "src/base/text.h"

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
static int fill_request(const struct sign *sign, const struct target *target,
	struct sign_request *request, bool *ret_sealed, struct diag *reterr)
{
	const char *path = target->path;
	struct claim claim = {
		.role = target->needed ? target->role : sign->role,
		.sequence = sign->sequence,
		.digest_algorithm = BS_DIGEST_SHA256,
		.digest_size = BS_DIGEST_SIZE,
	};

	int r = claim.role == BS_ROLE_NONE ? role_guess(request->fd, &claim.role) : 0;
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	if (sign->name && !target->needed)
		snprintf(claim.name, sizeof(claim.name), "%s", sign->name);
	else
		r = default_name(path, claim.role, claim.name, reterr);
	if (r < 0)
		return r;
	r = digests_of_file(request->fd, request->routes, &request->digests, ret_sealed, reterr);
	if (r < 0) {
		diag_at(reterr, path, 0, 0);
		return r;
	}
	memcpy(claim.digest, request->digests.verity, BS_DIGEST_SIZE);
	request->claim = claim;
	return 0;
}

/* --- telling -------------------------------------------------------------------------------- */

const char *const sign_results[] = {
	"signed", "already signed", "would be signed", "failed", "passed over", "read", NULL};

/* Standard output is the manifest's. */
static bool is_quiet(const struct sign *sign)
{
	return sign->manifest_path && strcmp(sign->manifest_path, "-") == 0;
}

void sign_report(struct signing *signing, enum sign_result result, const struct claim *claim)
{
	const char *path = signing->target->path;
	FILE *out = signing->outcome->out;
	struct json json;

	signing->outcome->kind = result;
	if (is_quiet(signing->sign))
		return;
	if (!signing->sign->use_json) {
		_cleanup_free_ char *escaped = escape_text(path, strlen(path));
		fprintf(out, "%s: %s as %s, %s, sequence %" PRIu64 "\n", escaped ? escaped : "?",
			sign_results[result], claim->name, role_name(claim->role), claim->sequence);
		return;
	}
	json_start(&json, out);
	json_object_begin(&json, NULL);
	json_string(&json, "path", path);
	json_string(&json, "result", sign_results[result]);
	json_string(&json, "name", claim->name);
	json_string(&json, "role", role_name(claim->role));
	json_unsigned(&json, "sequence", claim->sequence);
	json_object_end(&json);
}

static void report_failure(struct signing *signing, const struct diag *diag)
{
	struct json json;

	signing->outcome->kind = SIGN_FAILED;
	signing->outcome->status = EXIT_UNKNOWN;
	if (!signing->sign->use_json) {
		diag_write(signing->outcome->err, diag);
		return;
	}
	json_start(&json, signing->outcome->out);
	json_object_begin(&json, NULL);
	json_string(&json, "path", signing->target->path);
	json_string(&json, "result", sign_results[SIGN_FAILED]);
	json_string(&json, "message", diag->message);
	json_string(&json, "hint", diag->hint);
	json_object_end(&json);
}

/* --- signing -------------------------------------------------------------------------------- */

/*
 * What is only needed keeps a good claim of this key, whatever its name: its programs may know it
 * by that. A library may be signed as an executable, which libc.so.6 is.
 */
static bool keeps_claim(struct signing *signing, struct claim *ret)
{
	struct sign_request *request = &signing->request;
	struct anchor own = {.certificate = request->certificate};
	const struct anchors anchors = {&own, 1};
	const struct anchor *anchor;
	struct diag diag;

	int r = claim_of_file(
		request->path, request->fd, request->digests.verity, &anchors, ret, &anchor, NULL);
	if (r == -ENOKEY) {
		diag_set(&diag, r, "warning: '%s': the claim of another key gives way",
			request->path);
		diag_hint(&diag, "programs of that signer need this one in 'file-signers'");
		diag_write(signing->outcome->err, &diag);
	}
	if (r < 0 || !signing->sealed ||
		(ret->role != request->claim.role && ret->role != BS_ROLE_EXECUTABLE))
		return false;
	/* Should it only lack a signature beside the claim. */
	request->claim.role = ret->role;
	memcpy(request->claim.name, ret->name, sizeof(ret->name));
	return signatures_are_beside(request);
}

static bool is_signed(struct signing *signing, struct claim *ret)
{
	const struct sign *sign = signing->sign;
	bool right = signing->target->needed ? keeps_claim(signing, ret)
					     : signatures_are_current(&signing->request, ret);

	return right && !sign->force && (!sign->has_sequence || ret->sequence == sign->sequence);
}

int sign_make(struct signing *signing, struct signatures *ret, struct diag *reterr)
{
	struct sign *sign = signing->sign;

	if (sign->is_token)
		pthread_mutex_lock(&sign->turn);
	int r = signatures_make(&signing->request, ret, reterr);
	if (sign->is_token)
		pthread_mutex_unlock(&sign->turn);
	return r;
}

static int sign_sealing(struct signing *signing, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	const struct sign_request *request = &signing->request;
	struct claim present;

	if (is_signed(signing, &present)) {
		sign_report(signing, SIGN_ALREADY, &present);
		return 0;
	}
	if (signing->sign->dry_run) {
		sign_report(signing, SIGN_WOULD, &request->claim);
		return 0;
	}
	int r = sign_make(signing, &signatures, reterr);
	if (r >= 0)
		r = signatures_apply(
			request->path, request->fd, &request->claim, &signatures, reterr);
	if (r < 0)
		return r;
	sign_report(signing, SIGN_SIGNED, &request->claim);
	settle_file(request->path, request->fd, signing->sealed, request->claim.role,
		signing->outcome->err);
	return 0;
}

static int sign_file(struct signing *signing, int fd, struct diag *reterr)
{
	struct sign *sign = signing->sign;

	signing->request.fd = fd;
	if (sign->claims)
		return sign_collect(signing, reterr);
	int r = fill_request(sign, signing->target, &signing->request, &signing->sealed, reterr);
	if (r >= 0)
		r = signers_suit(sign->routes, signing->request.claim.role, reterr);
	if (r < 0)
		return r;
	return sign->manifest_path ? sign_for_manifest(signing, reterr)
				   : sign_sealing(signing, reterr);
}

/* 1: it is passed over. */
static int sign_item(struct signing *signing, struct diag *reterr)
{
	struct sign *sign = signing->sign;
	_cleanup_close_ int fd = -EBADF;

	if (sign->digests_path) {
		int r = sign_entry(signing, reterr);
		return r < 0 ? r : sign_for_manifest(signing, reterr);
	}
	int r = target_open(&sign->selection, signing->target, &fd, reterr);
	return r == 0 ? sign_file(signing, fd, reterr) : r;
}

size_t sign_count(const struct sign *sign)
{
	return sign->digests_path ? sign->digests.n : sign->selection.n;
}

const char *sign_path(const struct sign *sign, size_t item)
{
	return sign->digests_path ? sign->digests.entries[item].path
				  : sign->selection.targets[item].path;
}

/* NULL: there is none (`digest`), or no memory. */
static EVP_PKEY *key_of_worker(struct sign *sign, unsigned worker)
{
	EVP_PKEY **copy = &sign->copies[worker];

	if (!*copy && sign->key.private_key)
		*copy = key_copy(&sign->key);
	return *copy;
}

void sign_target(struct sign *sign, size_t item, struct outcome *outcome)
{
	const struct target entry = {.path = (char *)sign_path(sign, item)};
	struct signing signing = {.sign = sign,
		.target = sign->digests_path ? &entry : &sign->selection.targets[item],
		.item = item,
		.outcome = outcome,
		.request = {.path = entry.path,
			.fd = -EBADF,
			.key = key_of_worker(sign, outcome->worker),
			.certificate = sign->key.certificate,
			.routes = sign->routes}};
	struct diag diag;

	int r = sign_item(&signing, &diag);
	if (r < 0)
		report_failure(&signing, &diag);
	if (r > 0)
		outcome->kind = SIGN_PASSED_OVER;
}
