/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Verifies the signatures of files by the anchors on disk. */

#include "src/sign/verify.h"

#include <string.h>
#include <time.h>

#include "keyring/cert.h"
#include "plugins/sign/content.h"
#include "plugins/sign/verity.h"
#include "src/command/command.h"
#include "src/files/batch.h"
#include "src/names/names.h"
#include "src/sign/policy_signature.h"

/* Each with the word that the kernel would deny with; its cure is ours. */
static const struct {
	const char *word;
	enum bs_reason reason;
} verdicts[] = {
	[VERIFY_SIGNED] = {"signed", BS_REASON_OK},
	[VERIFY_UNSIGNED] = {"unsigned", BS_REASON_UNSIGNED},
	[VERIFY_NO_CLAIM] = {"no-claim", BS_REASON_NO_CLAIM},
	[VERIFY_BAD_CLAIM] = {"bad-claim", BS_REASON_BAD_CLAIM},
	[VERIFY_ALTERED] = {"altered", BS_REASON_OTHER_DIGEST},
	[VERIFY_UNKNOWN_KEY] = {"unknown-key", BS_REASON_UNKNOWN_KEY},
	[VERIFY_BAD_SIGNATURE] = {"bad-signature", BS_REASON_BAD_SIGNATURE},
	[VERIFY_WRONG_ROLE] = {"wrong-role", BS_REASON_WRONG_ROLE},
	[VERIFY_NOT_SEALED] = {"not-sealed", BS_REASON_UNSIGNED},
	[VERIFY_EXPIRED_KEY] = {"expired-key", BS_REASON_EXPIRED_KEY},
	[VERIFY_NO_ANSWER] = {"unknown", BS_REASON_END},
};

const char *verify_word(enum verify_verdict verdict)
{
	return verdicts[verdict].word;
}

enum bs_reason verify_reason(enum verify_verdict verdict)
{
	return verdicts[verdict].reason;
}

static enum verify_verdict verdict_of(int r, bool sealed)
{
	switch (r) {
	case -ENODATA:
		return sealed ? VERIFY_NO_CLAIM : VERIFY_UNSIGNED;
	case -EBADMSG:
		return VERIFY_BAD_CLAIM;
	case -ESTALE:
		return VERIFY_ALTERED;
	case -ENOKEY:
		return VERIFY_UNKNOWN_KEY;
	case -EKEYREJECTED:
		return VERIFY_BAD_SIGNATURE;
	default:
		return VERIFY_NO_ANSWER;
	}
}

static bool is_expired(const struct anchor *anchor, struct diag *diag)
{
	char date[DATE_TEXT_SIZE];
	time_t expiry = 0;

	if (cert_expiry(anchor->certificate, &expiry) == 0 && expiry > time(NULL))
		return false;
	diag_set(diag, 0, "the key of '%s' expired on %s", anchor->signer, cert_date(expiry, date));
	return true;
}

/* A good claim: is it the one that is wanted, by a key and on a file that the kernel takes? */
static enum verify_verdict judge_claim(
	const struct verifying *verifying, struct verify_finding *finding)
{
	const struct claim *claim = &finding->claim;

	if (verifying->options->role != BS_ROLE_NONE && claim->role != verifying->options->role) {
		diag_set(&finding->diag, 0, "'%s' signed it as %s '%s'", finding->anchor->signer,
			role_name(claim->role), claim->name);
		return VERIFY_WRONG_ROLE;
	}
	if (is_expired(finding->anchor, &finding->diag))
		return VERIFY_EXPIRED_KEY;
	if (!finding->sealed && claim->role != BS_ROLE_POLICY) {
		diag_set(&finding->diag, 0,
			"the claim of '%s' as '%s' is right, but fs-verity is off",
			finding->anchor->signer, claim->name);
		return VERIFY_NOT_SEALED;
	}
	return VERIFY_SIGNED;
}

/* The digest of a sealed file is that of the seal; a changed disk shows only when it is read. */
static enum verify_verdict judge_content(
	const struct verifying *verifying, struct verify_finding *finding, int fd)
{
	int r = verity_read(fd);

	if (r == -EIO) {
		diag_set(&finding->diag, r, "the disk holds other bytes than were sealed");
		return VERIFY_ALTERED;
	}
	if (r < 0) {
		diag_set(&finding->diag, r, "can't read '%s': %s", finding->path, strerror(-r));
		return VERIFY_NO_ANSWER;
	}
	return judge_claim(verifying, finding);
}

static enum verify_verdict judge(
	const struct verifying *verifying, struct verify_finding *finding, int fd)
{
	struct diag *diag = &finding->diag;
	int r = verity_digest(fd, finding->digests.verity, &finding->sealed, diag);
	if (r < 0) {
		diag_at(diag, finding->path, 0, 0);
		return VERIFY_NO_ANSWER;
	}
	finding->has_digest = true;
	r = policy_signature_find(finding->path, fd, finding->digests.verity, &verifying->anchors,
		&finding->claim, &finding->anchor, diag);
	if (r == -ENODATA) /* the line begins with the file's name */
		diag_set(diag, r, "it has no claim");
	if (r < 0)
		return verdict_of(r, finding->sealed);
	return finding->sealed ? judge_content(verifying, finding, fd)
			       : judge_claim(verifying, finding);
}

/* --- beside the claim ----------------------------------------------------------------------- */

static enum verify_verdict judge_signature(const struct verifying *verifying,
	struct verify_finding *finding, int fd, const struct signer *signer,
	struct verify_signature *ret)
{
	_cleanup_bytes_ struct bytes value = {0};
	size_t index;

	int r = signer->read(finding->path, fd, &value, &ret->diag);
	ret->present = r != -ENODATA;
	if (r == 0 && signer->needs_content)
		r = content_digest(fd, finding->digests.content, &ret->diag);
	if (r == 0)
		r = signer->check(&value, &finding->digests, verifying->certificates,
			verifying->anchors.n, &index, &ret->diag);
	if (r < 0)
		return r == -EBADMSG ? VERIFY_BAD_SIGNATURE : verdict_of(r, finding->sealed);
	ret->anchor = &verifying->anchors.items[index];
	if (is_expired(ret->anchor, &ret->diag))
		return VERIFY_EXPIRED_KEY;
	if (!signer->needs_seal || finding->sealed)
		return VERIFY_SIGNED;
	diag_set(&ret->diag, 0, "the signature of '%s' is right, but fs-verity is off",
		ret->anchor->signer);
	return VERIFY_NOT_SEALED;
}

static void judge_others(const struct verifying *verifying, struct verify_finding *finding, int fd)
{
	for (size_t i = 0; finding->has_digest && i < SIGNERS; i++) {
		struct verify_signature *other = &finding->others[i];
		if (signers[i] != &signer_claim)
			other->verdict = judge_signature(verifying, finding, fd, signers[i], other);
	}
}

/* False: the file is passed over. */
static bool examine(const struct verifying *verifying, const struct target *target,
	struct verify_finding *finding)
{
	_cleanup_close_ int fd = -EBADF;

	int r = selection_open(&verifying->selection, target, &fd, &finding->diag);
	if (r == 0) {
		finding->verdict = judge(verifying, finding, fd);
		judge_others(verifying, finding, fd);
	}
	return r <= 0;
}

/* --- the result ----------------------------------------------------------------------------- */

static int status_of(enum verify_verdict verdict)
{
	switch (verdict) {
	case VERIFY_SIGNED:
		return EXIT_YES;
	case VERIFY_NO_ANSWER:
		return EXIT_UNKNOWN;
	default:
		return EXIT_NO;
	}
}

const char *const verify_results[] = {"good", "not good", "unknown", "passed over", NULL};

static int worst_of(const struct verify_finding *finding)
{
	int status = status_of(finding->verdict);

	for (size_t i = 0; i < SIGNERS; i++) {
		int one = finding->others[i].present ? status_of(finding->others[i].verdict)
						     : EXIT_YES;
		status = one > status ? one : status;
	}
	return status;
}

static const char *path_of(void *context, size_t item)
{
	const struct verifying *verifying = context;
	return verifying->selection.targets[item].path;
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	const struct verifying *verifying = context;
	const struct target *target = &verifying->selection.targets[item];
	struct verify_finding finding = {.path = target->path, .verdict = VERIFY_NO_ANSWER};

	if (!examine(verifying, target, &finding)) {
		outcome->kind = VERIFY_PASSED_OVER;
		return;
	}
	verifying->options->report(&finding, verifying->options->use_json, outcome);
	outcome->status = worst_of(&finding);
	outcome->kind = outcome->status == EXIT_YES  ? VERIFY_GOOD
			: outcome->status == EXIT_NO ? VERIFY_NOT_GOOD
						     : VERIFY_UNKNOWN;
}

int verify_all(struct verifying *verifying)
{
	const struct batch batch = {.verb = "verifying",
		.kinds = verify_results,
		.use_json = verifying->options->use_json,
		.jobs = (unsigned)verifying->options->select.jobs,
		.n = verifying->selection.n,
		.path = path_of,
		.run = run_item,
		.context = verifying};

	return batch_run(&batch);
}

int verify_begin(struct verifying *verifying, struct diag *reterr)
{
	int r = anchors_load(&verifying->anchors, reterr);

	if (r >= 0 && !(verifying->certificates = anchors_certificates(&verifying->anchors)))
		r = diag_set(reterr, -ENOMEM, "out of memory");
	return r;
}

void verify_done(struct verifying *verifying)
{
	selection_done(&verifying->selection);
	free(verifying->certificates);
	anchors_done(&verifying->anchors);
}
