/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a file's content and the command line to its claim. */

#include "sign.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "enforcer.h"
#include "log.h"
#include "names.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "role.h"
#include "util.h"

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

static int open_file(const char *path, int *ret_fd, struct diag *reterr)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO must not hang us; a regular file does not mind. */
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", path, strerror(-fd));
	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr, -EINVAL, "'%s' is not a regular file", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* The claim and the digests of a request. */
static int fill_request(const struct sign *sign, const struct target *target,
	struct sign_request *request, bool *ret_sealed, struct diag *reterr)
{
	const char *path = target->path;
	struct claim claim = {
		.role = target->role,
		.sequence = sign->has_sequence ? sign->sequence : (uint64_t)time(NULL),
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

static void report(
	struct sign *sign, const char *path, const char *done, const struct claim *claim)
{
	struct json *json = &sign->json;

	if (!sign->use_json) {
		_cleanup_free_ char *escaped = escape_text(path, strlen(path));
		printf("%s: %s as %s, %s, sequence %" PRIu64 "\n", escaped ? escaped : "?", done,
			claim->name, role_name(claim->role), claim->sequence);
		return;
	}
	json_object_begin(json, NULL);
	json_string(json, "path", path);
	json_string(json, "result", done);
	json_string(json, "name", claim->name);
	json_string(json, "role", role_name(claim->role));
	json_unsigned(json, "sequence", claim->sequence);
	json_object_end(json);
}

void sign_report_failure(struct sign *sign, const char *path, const struct diag *diag)
{
	struct json *json = &sign->json;

	if (!sign->use_json) {
		diag_print(diag);
		return;
	}
	json_object_begin(json, NULL);
	json_string(json, "path", path);
	json_string(json, "result", "failed");
	json_string(json, "message", diag->message);
	json_string(json, "hint", diag->hint);
	json_object_end(json);
}

/*
 * A settled cache is what makes it usable at once; without it, it is signed all the same. Not worth
 * a warning is a file that was sealed before, whose pages are most likely verified ones, nor a
 * library that is in use while nothing is enforced: what is cached then counts as it is.
 */
static void settle(const char *path, bool was_sealed, enum bs_role role)
{
	bool silent = was_sealed || (role == BS_ROLE_LIBRARY && access(ENFORCER_PINS, F_OK) < 0);
	struct diag diag;

	if (verity_settle(path, &diag) < 0 && !silent) {
		log_warning("signed, but not usable until it has left the memory:");
		diag_print(&diag);
	}
}

/*
 * What is only needed keeps a good claim of this key, whatever its name: its programs may know it
 * by that. A library may be signed as an executable, which libc.so.6 is.
 */
static bool keeps_claim(struct sign_request *request, bool sealed, struct claim *ret)
{
	struct anchor own = {.certificate = request->certificate};
	const struct anchors anchors = {&own, 1};
	const struct anchor *anchor;

	int r = claim_of_file(request->path, request->fd, request->digests.verity, &anchors, ret,
		&anchor, NULL);
	if (r == -ENOKEY)
		log_warning("'%s': the claim of another key gives way; programs of that signer need this one in 'file-signers'",
			request->path);
	if (r < 0 || !sealed ||
		(ret->role != request->claim.role && ret->role != BS_ROLE_EXECUTABLE))
		return false;
	/* Should it only lack a signature beside the claim. */
	request->claim.role = ret->role;
	memcpy(request->claim.name, ret->name, sizeof(ret->name));
	return signatures_are_carried(request);
}

static bool is_signed(const struct sign *sign, const struct target *target,
	struct sign_request *request, bool sealed, struct claim *ret)
{
	bool right = target->needed ? keeps_claim(request, sealed, ret)
				    : signatures_are_current(request, ret);

	return right && !sign->force && (!sign->has_sequence || ret->sequence == sign->sequence);
}

static int sign_file(struct sign *sign, const struct target *target, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	_cleanup_close_ int fd = -EBADF;
	const char *path = target->path;
	struct claim present;
	bool sealed = false;

	int r = open_file(path, &fd, reterr);
	if (r < 0)
		return r;
	struct sign_request request = {.path = path,
		.fd = fd,
		.key = sign->key.private_key,
		.certificate = sign->key.certificate,
		.routes = sign->routes};
	r = fill_request(sign, target, &request, &sealed, reterr);
	if (r >= 0)
		r = signers_suit(request.routes, request.claim.role, reterr);
	if (r < 0)
		return r;

	if (is_signed(sign, target, &request, sealed, &present)) {
		report(sign, path, "already signed", &present);
		return 0;
	}
	if (sign->dry_run) {
		report(sign, path, "would be signed", &request.claim);
		return 0;
	}
	r = signatures_make(&request, &signatures, reterr);
	if (r >= 0)
		r = signatures_apply(path, fd, &request.claim, &signatures, reterr);
	if (r < 0)
		return r;
	report(sign, path, "signed", &request.claim);
	if (request.claim.role != BS_ROLE_POLICY)
		settle(path, sealed, request.claim.role);
	return 0;
}

int sign_target(struct sign *sign, const struct target *target)
{
	struct diag diag;

	if (sign_file(sign, target, &diag) == 0)
		return EXIT_YES;
	sign_report_failure(sign, target->path, &diag);
	return EXIT_UNKNOWN;
}
