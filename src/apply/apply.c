/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From a manifest onto a file. Nothing is written before the bytes are those that were signed and
 * every signature is by an enrolled key. Each step that writes is atomic, and done again it changes
 * nothing: whoever is killed is simply run again.
 */

#include "src/apply/apply.h"

#include <inttypes.h>
#include <string.h>

#include "src/command/command.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "plugins/sign/verity.h"
#include "src/sign/settle.h"
#include "src/base/text.h"

const char *const apply_results[] = {"applied", "already applied", "would be applied",
	"other bytes", "unknown key", "failed", "not in this layer", NULL};

/* One file that is being applied to. */
struct applying {
	struct apply *apply;
	const struct manifest_entry *entry;
	struct outcome *outcome;
	const char *path;
	int fd;
	bool sealed; /* before */
	struct digests digests;
	struct signatures wanted; /* what is still to be written; the bytes are the entry's */
};

/* --- telling -------------------------------------------------------------------------------- */

static const int statuses[] = {
	[APPLY_DONE] = EXIT_YES,
	[APPLY_ALREADY] = EXIT_YES,
	[APPLY_WOULD] = EXIT_YES,
	[APPLY_OTHER_BYTES] = EXIT_NO,
	[APPLY_UNKNOWN_KEY] = EXIT_NO,
	[APPLY_FAILED] = EXIT_UNKNOWN,
	[APPLY_ELSEWHERE] = EXIT_YES,
};

static void report_json(const struct applying *applying, enum apply_result result,
	const char *message, const char *hint)
{
	struct json json;

	json_start(&json, applying->outcome->out);
	json_object_begin(&json, NULL);
	json_string(&json, "path", applying->path);
	json_string(&json, "result", apply_results[result]);
	json_string(&json, "name", applying->entry->claim.name);
	json_string(&json, "role", role_name(applying->entry->claim.role));
	json_unsigned(&json, "sequence", applying->entry->claim.sequence);
	json_string(&json, "message", message);
	json_string(&json, "hint", hint);
	json_object_end(&json);
}

/* One line; none for each of the many files of an image that are in other layers. */
static void report_text(const struct applying *applying, enum apply_result result)
{
	const struct claim *claim = &applying->entry->claim;
	_cleanup_free_ char *path = escape_text(applying->path, strlen(applying->path));
	FILE *out = applying->outcome->out;

	if (result == APPLY_ELSEWHERE && applying->apply->manifest.n > 1)
		return;
	fprintf(out, "%s: %s", path ? path : "?", apply_results[result]);
	if (result != APPLY_ELSEWHERE)
		fprintf(out, " as %s, %s, sequence %" PRIu64, claim->name, role_name(claim->role),
			claim->sequence);
	fputc('\n', out);
}

/* diag: why not, or NULL. */
static void report(
	const struct applying *applying, enum apply_result result, const struct diag *diag)
{
	struct outcome *outcome = applying->outcome;

	outcome->kind = result;
	outcome->status = statuses[result];
	if (applying->apply->use_json) {
		report_json(applying, result, diag ? diag->message : "", diag ? diag->hint : "");
	} else if (diag) {
		diag_write(outcome->err, diag);
	} else {
		report_text(applying, result);
	}
}

/* --- checking ------------------------------------------------------------------------------- */

static unsigned routes_of(const struct signatures *signatures)
{
	unsigned routes = 0;

	for (size_t i = 0; i < SIGNERS; i++)
		if (signatures->by_route[i].data)
			routes |= 1U << i;
	return routes;
}

static int check_entry(const struct applying *applying, struct diag *reterr)
{
	const struct manifest_entry *entry = applying->entry;
	unsigned routes = routes_of(&entry->signatures);

	if (!(routes & 1U << signer_find("claim"))) {
		diag_set(reterr, -EINVAL, "'%s' has digests only, no signatures, in line %u",
			applying->apply->file ?: applying->path, entry->line);
		diag_hint(reterr, "bpfsign sign --digests FILE --manifest OUT, where the key is");
		return -EINVAL;
	}
	return signers_suit(routes, entry->claim.role, reterr);
}

/* 1: these are the bytes, 0: they are not. */
static int has_bytes(struct applying *applying, struct diag *reterr)
{
	const struct manifest_entry *entry = applying->entry;
	int r = digests_of_file(applying->fd, routes_of(&entry->signatures), &applying->digests,
		&applying->sealed, reterr);

	if (r < 0) {
		diag_at(reterr, applying->path, 0, 0);
		return r;
	}
	if (memcmp(applying->digests.verity, entry->digests.verity, BS_DIGEST_SIZE) == 0)
		return 1;
	diag_set(reterr, -ESTALE, "'%s' has other bytes than were signed", applying->path);
	diag_hint(reterr,
		applying->sealed
			? "is it another version, or sealed with a salt or block size of its own?"
			: "is it another version, or changed since?");
	return 0;
}

/*
 * 1: an enrolled key made every signature of these routes, and for these digests, 0: not. Without
 * --unverified nothing else passes.
 */
static int is_trusted(const struct applying *applying, unsigned routes,
	const struct digests *digests, struct diag *reterr)
{
	const struct apply *apply = applying->apply;
	const struct signatures *signatures = &applying->entry->signatures;
	struct diag why;
	size_t index;
	int r = 0;

	for (size_t i = 0; !apply->unverified && r == 0 && i < SIGNERS; i++)
		if (signatures->by_route[i].data && routes & 1U << i)
			r = signers[i]->check(&signatures->by_route[i], digests,
				apply->certificates, apply->anchors.n, &index, &why);
	if (r == 0)
		return 1;
	diag_set(reterr, r, "'%s': %s", applying->path, why.message);
	if (r == -ENOKEY)
		diag_hint(reterr, "enroll its certificate, or apply it --unverified");
	return r == -ENOKEY || r == -EKEYREJECTED || r == -EBADMSG || r == -ESTALE ? 0 : r;
}

/* Is it there already, or as good as? What the kernel took at the seal cannot be exchanged. */
static bool is_present(const struct applying *applying, size_t place)
{
	const struct apply *apply = applying->apply;
	const struct bytes *wanted = &applying->wanted.by_route[place];
	_cleanup_bytes_ struct bytes present = {0};
	size_t index;

	if (signers[place]->read(applying->path, applying->fd, &present, NULL) < 0)
		return false;
	if (present.size == wanted->size && memcmp(present.data, wanted->data, wanted->size) == 0)
		return true;
	return signers[place]->is_sealed_in &&
	       signers[place]->check(&present, &applying->digests, apply->certificates,
		       apply->anchors.n, &index, NULL) == 0;
}

/* A later sequence that an enrolled key signed for the same bytes and purpose is not taken back. */
static bool has_later_claim(const struct applying *applying)
{
	const struct claim *wanted = &applying->entry->claim;
	const struct anchor *anchor;
	struct claim claim;

	return !applying->apply->force &&
	       claim_of_file(applying->path, applying->fd, applying->digests.verity,
		       &applying->apply->anchors, &claim, &anchor, NULL) == 0 &&
	       claim.role == wanted->role && strcmp(claim.name, wanted->name) == 0 &&
	       claim.sequence > wanted->sequence;
}

/* Leaves in wanted what is not there yet; whether anything is. */
static bool find_missing(struct applying *applying)
{
	bool missing = !applying->sealed && applying->entry->claim.role != BS_ROLE_POLICY;
	size_t claim = (size_t)signer_find("claim");

	for (size_t i = 0; i < SIGNERS; i++) {
		struct bytes *wanted = &applying->wanted.by_route[i];
		if (wanted->data &&
			(is_present(applying, i) || (i == claim && has_later_claim(applying))))
			*wanted = (struct bytes){0}; /* the entry owns it */
		missing = missing || wanted->data;
	}
	return missing;
}

/* --- applying ------------------------------------------------------------------------------- */

static int write_missing(struct applying *applying, struct diag *reterr)
{
	const struct claim *claim = &applying->entry->claim;
	int r = signatures_apply(applying->path, applying->fd, claim, &applying->wanted, reterr);

	if (r < 0)
		return r;
	report(applying, APPLY_DONE, NULL);
	settle_file(applying->path, applying->fd, applying->sealed, claim->role,
		applying->outcome->err);
	return 0;
}

/*
 * Whoever sealed a layer's file may have been killed before it was settled. Of one that is in use
 * nobody can say by now.
 */
static void keep_present(struct applying *applying)
{
	const struct apply *apply = applying->apply;
	FILE *err = applying->outcome->err;
	struct diag diag;

	report(applying, APPLY_ALREADY, NULL);
	if (!apply->layers.roots.n || apply->dry_run ||
		applying->entry->claim.role == BS_ROLE_POLICY ||
		verity_settle(applying->path, applying->fd, &diag) == 0)
		return;
	log_warning_to(err,
		"unless it was settled when it was sealed, not usable until it has left the memory:");
	diag_write(err, &diag);
}

/*
 * 1: bytes and signatures are good, 0: they are not, and that is reported. In a layer the claim
 * comes first: nobody else than a signer has us read what may be very long.
 */
static int check_file(struct applying *applying, struct diag *reterr)
{
	unsigned claim = 1U << signer_find("claim");
	int r = applying->apply->layers.roots.n
			? is_trusted(applying, claim, &applying->entry->digests, reterr)
			: 1;

	if (r > 0 && (r = has_bytes(applying, reterr)) == 0) {
		report(applying, APPLY_OTHER_BYTES, reterr);
		return 0;
	}
	if (r > 0)
		r = is_trusted(applying, ~0U, &applying->digests, reterr);
	if (r == 0)
		report(applying, APPLY_UNKNOWN_KEY, reterr);
	return r;
}

/* What is refused is reported here; what cannot be done is -errno. */
static int apply_file(struct applying *applying, struct diag *reterr)
{
	const struct apply *apply = applying->apply;
	int r = check_entry(applying, reterr);

	if (r == 0)
		r = check_file(applying, reterr);
	if (r <= 0)
		return r;
	if (applying->entry->line > 0) /* else it is the file's own */
		applying->wanted = applying->entry->signatures;
	if (!find_missing(applying)) {
		keep_present(applying);
		return 0;
	}
	r = apply->layers.roots.n
		    ? layers_check_names(&apply->layers, applying->path, applying->fd, reterr)
		    : 0;
	if (r < 0)
		return r;
	if (apply->dry_run) {
		report(applying, APPLY_WOULD, NULL);
		return 0;
	}
	return write_missing(applying, reterr);
}

static bool is_elsewhere(const struct apply *apply, const struct target *target, int r)
{
	return apply->layers.roots.n && target->error == 0 && (r == -ENOENT || r == -ENOTDIR);
}

void apply_entry(struct apply *apply, size_t item, struct outcome *outcome)
{
	const struct target *target = &apply->selection.targets[item];
	_cleanup_close_ int fd = -EBADF;
	struct applying applying = {.apply = apply,
		.entry = &apply->manifest.entries[item],
		.outcome = outcome,
		.path = target->path};
	struct diag diag;

	if (target->refusal) {
		report(&applying, APPLY_UNKNOWN_KEY, target->refusal);
		return;
	}
	int r = apply->layers.roots.n ? layer_open(target, &fd, &diag)
				      : target_open(&apply->selection, target, &fd, &diag);
	if (is_elsewhere(apply, target, r)) {
		report(&applying, APPLY_ELSEWHERE, NULL);
		return;
	}
	applying.fd = fd;
	if (r == 0)
		r = apply_file(&applying, &diag);
	outcome->error = r < 0 ? r : 0;
	if (r < 0)
		report(&applying, APPLY_FAILED, &diag);
}
