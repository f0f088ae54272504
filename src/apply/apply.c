/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From a manifest onto a file. Nothing is written before the bytes are those that were signed and
 * every signature is by an enrolled key. Each step that writes is atomic and idempotent: after a
 * crash the command is simply run again.
 */

#include "src/apply/apply.h"

#include <string.h>

#include "plugins/sign/verity.h"
#include "src/apply/layer.h"
#include "src/apply/layers.h"
#include "src/command/command.h"
#include "src/files/batch.h"
#include "src/sign/settle.h"

const char *const apply_results[] = {"applied", "already applied", "would be applied",
	"other bytes", "unknown key", "failed", "not in this layer", NULL};

static const int statuses[] = {
	[APPLY_DONE] = EXIT_YES,
	[APPLY_ALREADY] = EXIT_YES,
	[APPLY_WOULD] = EXIT_YES,
	[APPLY_OTHER_BYTES] = EXIT_NO,
	[APPLY_UNKNOWN_KEY] = EXIT_NO,
	[APPLY_FAILED] = EXIT_UNKNOWN,
	[APPLY_ELSEWHERE] = EXIT_YES,
};

/* One file that is being applied to. */
struct item {
	const struct applying *applying;
	const struct manifest_entry *entry;
	struct outcome *outcome;
	const char *path;
	int fd;
	bool sealed; /* before */
	struct digests digests;
	struct signatures wanted; /* still to be written; the bytes are the entry's */
};

static bool has_layers(const struct item *item)
{
	return item->applying->options->n_roots > 0;
}

/* diag: why not, or NULL. */
static void report(const struct item *item, enum apply_result result, const struct diag *diag)
{
	static const struct diag none;
	const struct applying *applying = item->applying;
	struct report report = {.path = item->path,
		.result = apply_results[result],
		.claim = &item->entry->claim,
		.diag = diag ?: &none};

	item->outcome->kind = result;
	item->outcome->status = statuses[result];
	if (result == APPLY_ELSEWHERE && !applying->options->use_json) {
		if (applying->manifest.n > 1)
			return; /* most files of an image are in other layers */
		report.claim = NULL;
	}
	batch_report(item->outcome, applying->options->use_json, &report);
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

static int check_entry(const struct item *item, struct diag *reterr)
{
	const struct manifest_entry *entry = item->entry;
	unsigned routes = routes_of(&entry->signatures);

	if (!(routes & 1U << signer_find("claim"))) {
		diag_set(reterr, -EINVAL, "'%s' has digests only, no signatures, in line %u",
			item->applying->options->file ?: item->path, entry->line);
		diag_hint(reterr, "bpfsign sign --digests FILE --manifest OUT, where the key is");
		return -EINVAL;
	}
	return signer_suit(routes, entry->claim.role, reterr);
}

/* 1: these are the bytes, 0: they are not. */
static int has_bytes(struct item *item, struct diag *reterr)
{
	const struct manifest_entry *entry = item->entry;
	int r = signer_digests(
		item->fd, routes_of(&entry->signatures), &item->digests, &item->sealed, reterr);

	if (r < 0) {
		diag_at(reterr, item->path, 0, 0);
		return r;
	}
	if (memcmp(item->digests.verity, entry->digests.verity, BS_DIGEST_SIZE) == 0)
		return 1;
	diag_set(reterr, -ESTALE, "'%s' has other bytes than were signed", item->path);
	diag_hint(reterr,
		item->sealed
			? "is it another version, or sealed with a salt or block size of its own?"
			: "is it another version, or changed since?");
	return 0;
}

/*
 * 1: an enrolled key made every signature of these routes, and for these digests, 0: not. Without
 * --unverified nothing else passes.
 */
static int is_trusted(const struct item *item, unsigned routes, const struct digests *digests,
	struct diag *reterr)
{
	const struct applying *applying = item->applying;
	const struct signatures *signatures = &item->entry->signatures;
	struct diag why;
	size_t index;
	int r = 0;

	for (size_t i = 0; !applying->options->unverified && r == 0 && i < SIGNERS; i++)
		if (signatures->by_route[i].data && routes & 1U << i)
			r = signers[i]->check(&signatures->by_route[i], digests,
				applying->certificates, applying->anchors.n, &index, &why);
	if (r == 0)
		return 1;
	diag_set(reterr, r, "'%s': %s", item->path, why.message);
	if (r == -ENOKEY)
		diag_hint(reterr, "enroll its certificate, or apply it --unverified");
	return r == -ENOKEY || r == -EKEYREJECTED || r == -EBADMSG || r == -ESTALE ? 0 : r;
}

/* Is it there already, or an equal one? A signature sealed into the file cannot be replaced. */
static bool is_present(const struct item *item, size_t slot)
{
	const struct applying *applying = item->applying;
	const struct bytes *wanted = &item->wanted.by_route[slot];
	_cleanup_bytes_ struct bytes present = {0};
	size_t index;

	if (signers[slot]->read(item->path, item->fd, &present, NULL) < 0)
		return false;
	if (present.size == wanted->size && memcmp(present.data, wanted->data, wanted->size) == 0)
		return true;
	return signers[slot]->is_sealed_in &&
	       signers[slot]->check(&present, &item->digests, applying->certificates,
		       applying->anchors.n, &index, NULL) == 0;
}

/* A later sequence that an enrolled key signed for the same bytes and purpose is not taken back. */
static bool has_later_claim(const struct item *item)
{
	const struct claim *wanted = &item->entry->claim;
	const struct anchor *anchor;
	struct claim claim;

	return !item->applying->options->force &&
	       signer_read_claim(item->path, item->fd, item->digests.verity,
		       &item->applying->anchors, &claim, &anchor, NULL) == 0 &&
	       claim.role == wanted->role && strcmp(claim.name, wanted->name) == 0 &&
	       claim.sequence > wanted->sequence;
}

/* Leaves in wanted the signatures that the file lacks; true when there are any. */
static bool find_missing(struct item *item)
{
	bool missing = !item->sealed && item->entry->claim.role != BS_ROLE_POLICY;
	size_t claim = (size_t)signer_find("claim");

	for (size_t i = 0; i < SIGNERS; i++) {
		struct bytes *wanted = &item->wanted.by_route[i];
		if (wanted->data && (is_present(item, i) || (i == claim && has_later_claim(item))))
			*wanted = (struct bytes){0}; /* the entry owns it */
		missing = missing || wanted->data;
	}
	return missing;
}

/* --- applying ------------------------------------------------------------------------------- */

static int write_missing(struct item *item, struct diag *reterr)
{
	const struct claim *claim = &item->entry->claim;
	struct diag why;
	int r = signatures_apply(item->path, item->fd, claim, &item->wanted, reterr);

	if (r < 0)
		return r;
	report(item, APPLY_DONE, NULL);
	if (settle_file(item->path, item->fd, item->sealed, claim->role, &why) < 0)
		batch_warn(item->outcome, SETTLE_WARNING, &why);
	return 0;
}

/*
 * An earlier run may have been killed after it sealed a layer's file and before it dropped the
 * cached pages. Of a file that is in use this can no longer be told.
 */
static void keep_present(struct item *item)
{
	struct diag why;

	report(item, APPLY_ALREADY, NULL);
	if (!has_layers(item) || item->applying->options->dry_run ||
		item->entry->claim.role == BS_ROLE_POLICY ||
		verity_settle(item->path, item->fd, &why) == 0)
		return;
	batch_warn(item->outcome,
		"unless it was settled when it was sealed, not usable until it has left the memory:",
		&why);
}

/*
 * 1: bytes and signatures are good, 0: they are not, and that is reported. In a layer the claim
 * comes first: only a signer can make us read a file that may be very long.
 */
static int check_file(struct item *item, struct diag *reterr)
{
	unsigned claim = 1U << signer_find("claim");
	int r = has_layers(item) ? is_trusted(item, claim, &item->entry->digests, reterr) : 1;

	if (r > 0 && (r = has_bytes(item, reterr)) == 0) {
		report(item, APPLY_OTHER_BYTES, reterr);
		return 0;
	}
	if (r > 0)
		r = is_trusted(item, ~0U, &item->digests, reterr);
	if (r == 0)
		report(item, APPLY_UNKNOWN_KEY, reterr);
	return r;
}

/* Reports a refusal itself; -errno when the file cannot be handled. */
static int apply_file(struct item *item, struct diag *reterr)
{
	const struct applying *applying = item->applying;
	int r = check_entry(item, reterr);

	if (r == 0)
		r = check_file(item, reterr);
	if (r <= 0)
		return r;
	if (item->entry->line > 0) /* else it is the file's own */
		item->wanted = item->entry->signatures;
	if (!find_missing(item)) {
		keep_present(item);
		return 0;
	}
	r = has_layers(item) ? layer_check_names(&applying->layers, item->path, item->fd, reterr)
			     : 0;
	if (r < 0)
		return r;
	if (applying->options->dry_run) {
		report(item, APPLY_WOULD, NULL);
		return 0;
	}
	return write_missing(item, reterr);
}

static bool is_elsewhere(const struct item *item, const struct target *target, int r)
{
	return has_layers(item) && target->error == 0 && (r == -ENOENT || r == -ENOTDIR);
}

void apply_entry(struct applying *applying, size_t index, struct outcome *outcome)
{
	const struct target *target = &applying->selection.targets[index];
	_cleanup_close_ int fd = -EBADF;
	struct item item = {.applying = applying,
		.entry = &applying->manifest.entries[index],
		.outcome = outcome,
		.path = target->path};
	struct diag diag;

	if (target->refusal) {
		report(&item, APPLY_UNKNOWN_KEY, target->refusal);
		return;
	}
	int r = has_layers(&item) ? layer_open(target, &fd, &diag)
				  : selection_open(&applying->selection, target, &fd, &diag);
	if (is_elsewhere(&item, target, r)) {
		report(&item, APPLY_ELSEWHERE, NULL);
		return;
	}
	item.fd = fd;
	if (r == 0 && applying->options->select.guarded)
		r = layer_check_size(target->path, fd, &diag);
	if (r == 0)
		r = apply_file(&item, &diag);
	outcome->error = r < 0 ? r : 0;
	if (r < 0)
		report(&item, APPLY_FAILED, &diag);
}

/* --- all of them ---------------------------------------------------------------------------- */

int apply_add_root(struct apply_options *options, const char *root)
{
	const char **grown = reallocarray(options->roots, options->n_roots + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	options->roots = grown;
	options->roots[options->n_roots++] = root;
	return 0;
}

void apply_options_done(struct apply_options *options)
{
	free(options->roots);
	select_options_done(&options->select);
}

void apply_done(struct applying *applying)
{
	selection_done(&applying->selection);
	manifest_done(&applying->manifest);
	free(applying->certificates);
	anchors_done(&applying->anchors);
	layers_done(&applying->layers);
}

static int load_manifest(struct applying *applying, struct diag *reterr)
{
	int r = manifest_load(applying->options->file, &applying->manifest, reterr);

	return r < 0 ? r : manifest_select(&applying->manifest, &applying->selection, reterr);
}

static int load_anchors(struct applying *applying, struct diag *reterr)
{
	int r = anchors_load(&applying->anchors, reterr);

	if (r >= 0 && !(applying->certificates = anchors_certificates(&applying->anchors)))
		r = diag_set(reterr, -ENOMEM, "out of memory");
	return r;
}

int apply_load(struct applying *applying, struct diag *reterr)
{
	int r = applying->options->n_roots ? layers_load(applying, reterr)
					   : load_manifest(applying, reterr);

	return r < 0 ? r : load_anchors(applying, reterr);
}

int apply_load_from(struct applying *applying, struct manifest *manifest, struct diag *reterr)
{
	applying->manifest = *manifest;
	*manifest = (struct manifest){0};
	int r = manifest_select(&applying->manifest, &applying->selection, reterr);
	return r < 0 ? r : load_anchors(applying, reterr);
}

static const char *path_of(void *context, size_t index)
{
	const struct applying *applying = context;
	return applying->selection.targets[index].path;
}

static void run_item(void *context, size_t index, struct outcome *outcome)
{
	apply_entry(context, index, outcome);
}

int apply_all(struct applying *applying)
{
	const struct batch batch = {.verb = "applying",
		.kinds = apply_results,
		.use_json = applying->options->use_json,
		.jobs = (unsigned)applying->options->select.jobs,
		.n = applying->manifest.n,
		.path = path_of,
		.run = run_item,
		.context = applying};

	int status = batch_run(&batch);
	return applying->layers.failed ? EXIT_UNKNOWN : status;
}
