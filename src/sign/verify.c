/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What one file's signatures are worth, by the anchors on disk, and how that is told. */

#include "src/sign/verify.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "src/command/command.h"
#include "src/base/json.h"
#include "keyring/cert.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "plugins/sign/content.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "src/sign/policy_signature.h"
#include "src/base/text.h"

/* The answers. The reason is the word with which the kernel would deny; its cure is ours. */
enum verdict {
	SIGNED,
	UNSIGNED,
	NO_CLAIM,
	BAD_CLAIM,
	ALTERED,
	UNKNOWN_KEY,
	BAD_SIGNATURE,
	WRONG_ROLE,
	NOT_SEALED,
	EXPIRED_KEY,
	UNKNOWN, /* could not find out */
};
static const struct {
	const char *word;
	enum bs_reason reason;
} verdicts[] = {
	[SIGNED] = {"signed", BS_REASON_OK},
	[UNSIGNED] = {"unsigned", BS_REASON_UNSIGNED},
	[NO_CLAIM] = {"no-claim", BS_REASON_NO_CLAIM},
	[BAD_CLAIM] = {"bad-claim", BS_REASON_BAD_CLAIM},
	[ALTERED] = {"altered", BS_REASON_OTHER_DIGEST},
	[UNKNOWN_KEY] = {"unknown-key", BS_REASON_UNKNOWN_KEY},
	[BAD_SIGNATURE] = {"bad-signature", BS_REASON_BAD_SIGNATURE},
	[WRONG_ROLE] = {"wrong-role", BS_REASON_WRONG_ROLE},
	[NOT_SEALED] = {"not-sealed", BS_REASON_UNSIGNED},
	[EXPIRED_KEY] = {"expired-key", BS_REASON_EXPIRED_KEY},
	[UNKNOWN] = {"unknown", BS_REASON_END},
};

/* A signature beside the claim. */
struct beside {
	bool present;
	enum verdict verdict;
	const struct anchor *anchor; /* whose; NULL: nobody's that we know */
	struct diag diag;
};

/* What was found out about one file. */
struct finding {
	const char *path;
	struct beside beside[SIGNERS]; /* by the place of the route in signers[] */
	enum verdict verdict;
	bool sealed, has_digest;
	struct digests digests;
	const struct anchor *anchor; /* NULL: no good claim; else claim is set too */
	struct claim claim;
	struct diag diag; /* the sentence, for any answer but `signed` */
};

static enum verdict verdict_of(int r, bool sealed)
{
	switch (r) {
	case -ENODATA:
		return sealed ? NO_CLAIM : UNSIGNED;
	case -EBADMSG:
		return BAD_CLAIM;
	case -ESTALE:
		return ALTERED;
	case -ENOKEY:
		return UNKNOWN_KEY;
	case -EKEYREJECTED:
		return BAD_SIGNATURE;
	default:
		return UNKNOWN;
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
static enum verdict judge_claim(const struct verify *verify, struct finding *finding)
{
	const struct claim *claim = &finding->claim;

	if (verify->role != BS_ROLE_NONE && claim->role != verify->role) {
		diag_set(&finding->diag, 0, "'%s' signed it as %s '%s'", finding->anchor->signer,
			role_name(claim->role), claim->name);
		return WRONG_ROLE;
	}
	if (is_expired(finding->anchor, &finding->diag))
		return EXPIRED_KEY;
	if (!finding->sealed && claim->role != BS_ROLE_POLICY) {
		diag_set(&finding->diag, 0,
			"the claim of '%s' as '%s' is right, but fs-verity is off",
			finding->anchor->signer, claim->name);
		return NOT_SEALED;
	}
	return SIGNED;
}

/* The digest of a sealed file is what was sealed; what the disk holds now shows when it is read. */
static enum verdict judge_content(const struct verify *verify, struct finding *finding, int fd)
{
	int r = verity_read(fd);

	if (r == -EIO) {
		diag_set(&finding->diag, r, "the disk holds other bytes than were sealed");
		return ALTERED;
	}
	if (r < 0) {
		diag_set(&finding->diag, r, "can't read '%s': %s", finding->path, strerror(-r));
		return UNKNOWN;
	}
	return judge_claim(verify, finding);
}

static enum verdict judge(const struct verify *verify, struct finding *finding, int fd)
{
	struct diag *diag = &finding->diag;
	int r = verity_digest(fd, finding->digests.verity, &finding->sealed, diag);
	if (r < 0) {
		diag_at(diag, finding->path, 0, 0);
		return UNKNOWN;
	}
	finding->has_digest = true;
	r = policy_signature(finding->path, fd, finding->digests.verity, &verify->anchors,
		&finding->claim, &finding->anchor, diag);
	if (r == -ENODATA) /* the line begins with the file's name */
		diag_set(diag, r, "it has no claim");
	if (r < 0)
		return verdict_of(r, finding->sealed);
	return finding->sealed ? judge_content(verify, finding, fd) : judge_claim(verify, finding);
}

/* --- beside the claim ----------------------------------------------------------------------- */

static enum verdict judge_signature(const struct verify *verify, struct finding *finding, int fd,
	const struct signer *signer, struct beside *ret)
{
	_cleanup_bytes_ struct bytes value = {0};
	size_t index;

	int r = signer->read(finding->path, fd, &value, &ret->diag);
	ret->present = r != -ENODATA;
	if (r == 0 && signer->needs_content)
		r = content_digest(fd, finding->digests.content, &ret->diag);
	if (r == 0)
		r = signer->check(&value, &finding->digests, verify->certificates,
			verify->anchors.n, &index, &ret->diag);
	if (r < 0)
		return r == -EBADMSG ? BAD_SIGNATURE : verdict_of(r, finding->sealed);
	ret->anchor = &verify->anchors.items[index];
	if (is_expired(ret->anchor, &ret->diag))
		return EXPIRED_KEY;
	if (!signer->needs_seal || finding->sealed)
		return SIGNED;
	diag_set(&ret->diag, 0, "the signature of '%s' is right, but fs-verity is off",
		ret->anchor->signer);
	return NOT_SEALED;
}

static void judge_beside(const struct verify *verify, struct finding *finding, int fd)
{
	for (size_t i = 0; finding->has_digest && i < SIGNERS; i++) {
		struct beside *beside = &finding->beside[i];
		if (signers[i] != &signer_claim)
			beside->verdict = judge_signature(verify, finding, fd, signers[i], beside);
	}
}

/* Is there anything to be told? */
static bool examine(
	const struct verify *verify, const struct target *target, struct finding *finding)
{
	_cleanup_close_ int fd = -EBADF;

	int r = target_open(&verify->selection, target, &fd, &finding->diag);
	if (r == 0) {
		finding->verdict = judge(verify, finding, fd);
		judge_beside(verify, finding, fd);
	}
	return r <= 0;
}

/* --- telling -------------------------------------------------------------------------------- */

static void beside_json(struct json *json, const struct finding *finding)
{
	json_array_begin(json, "beside");
	for (size_t i = 0; i < SIGNERS; i++) {
		const struct beside *beside = &finding->beside[i];
		if (!beside->present)
			continue;
		json_object_begin(json, NULL);
		json_string(json, "kind", signers[i]->name);
		json_string(json, "verdict", verdicts[beside->verdict].word);
		json_string(json, "message", beside->verdict == SIGNED ? "" : beside->diag.message);
		json_string(json, "signer", beside->anchor ? beside->anchor->signer : NULL);
		json_string(
			json, "fingerprint", beside->anchor ? beside->anchor->fingerprint : NULL);
		json_object_end(json);
	}
	json_array_end(json);
}

static void report_json(struct json *json, const struct finding *finding)
{
	const struct claim *claim = finding->anchor ? &finding->claim : NULL;
	char digest[2 * BS_DIGEST_SIZE + 1];
	enum bs_reason reason = verdicts[finding->verdict].reason;

	json_object_begin(json, NULL);
	json_string(json, "path", finding->path);
	json_string(json, "verdict", verdicts[finding->verdict].word);
	json_string(json, "reason", reason_name(reason));
	json_string(json, "message", finding->verdict == SIGNED ? "" : finding->diag.message);
	json_string(json, "cure",
		finding->verdict == UNKNOWN ? finding->diag.hint : reason_cure(reason));
	json_string(json, "signer", claim ? finding->anchor->signer : NULL);
	json_string(json, "fingerprint", claim ? finding->anchor->fingerprint : NULL);
	json_string(json, "name", claim ? claim->name : NULL);
	json_string(json, "role", claim ? role_name(claim->role) : NULL);
	if (claim)
		json_unsigned(json, "sequence", claim->sequence);
	else
		json_null(json, "sequence");
	json_string(json, "digest",
		finding->has_digest ? hex_encode(finding->digests.verity, BS_DIGEST_SIZE, digest)
				    : NULL);
	json_bool(json, "sealed", finding->sealed);
	beside_json(json, finding);
	json_object_end(json);
}

static void beside_text(FILE *out, const char *path, const char *kind, const struct beside *beside)
{
	_cleanup_free_ char *message =
		escape_text(beside->diag.message, strlen(beside->diag.message));

	if (beside->verdict == SIGNED)
		fprintf(out, "%s: %s: signed by %s, key %.16s\n", path, kind,
			beside->anchor->signer, beside->anchor->fingerprint);
	else
		fprintf(out, "%s: %s: %s: %s\n", path, kind, verdicts[beside->verdict].word,
			message ? message : "?");
}

static void report_text(const struct finding *finding, FILE *out, FILE *err)
{
	_cleanup_free_ char *path = escape_text(finding->path, strlen(finding->path));
	_cleanup_free_ char *message =
		escape_text(finding->diag.message, strlen(finding->diag.message));
	const struct claim *claim = &finding->claim;

	if (!path || !message)
		return;
	if (finding->verdict == UNKNOWN)
		diag_write(err, &finding->diag);
	else if (finding->verdict == SIGNED)
		fprintf(out, "%s: signed by %s as %s, %s, sequence %" PRIu64 ", key %.16s\n", path,
			finding->anchor->signer, claim->name, role_name(claim->role),
			claim->sequence, finding->anchor->fingerprint);
	else
		fprintf(out, "%s: %s: %s; %s\n", path, verdicts[finding->verdict].word, message,
			reason_cure(verdicts[finding->verdict].reason));
	for (size_t i = 0; i < SIGNERS; i++)
		if (finding->beside[i].present)
			beside_text(out, path, signers[i]->name, &finding->beside[i]);
}

static int status_of(enum verdict verdict)
{
	switch (verdict) {
	case SIGNED:
		return EXIT_YES;
	case UNKNOWN:
		return EXIT_UNKNOWN;
	default:
		return EXIT_NO;
	}
}

const char *const verify_results[] = {"good", "not good", "unknown", "passed over", NULL};

static int worst_of(const struct finding *finding)
{
	int status = status_of(finding->verdict);

	for (size_t i = 0; i < SIGNERS; i++) {
		int one = finding->beside[i].present ? status_of(finding->beside[i].verdict)
						     : EXIT_YES;
		status = one > status ? one : status;
	}
	return status;
}

void verify_target(struct verify *verify, size_t item, struct outcome *outcome)
{
	const struct target *target = &verify->selection.targets[item];
	struct finding finding = {.path = target->path, .verdict = UNKNOWN};
	struct json json;

	if (!examine(verify, target, &finding)) {
		outcome->kind = VERIFY_PASSED_OVER;
		return;
	}
	json_start(&json, outcome->out);
	if (verify->use_json)
		report_json(&json, &finding);
	else
		report_text(&finding, outcome->out, outcome->err);
	outcome->status = worst_of(&finding);
	outcome->kind = outcome->status == EXIT_YES  ? VERIFY_GOOD
			: outcome->status == EXIT_NO ? VERIFY_NOT_GOOD
						     : VERIFY_UNKNOWN;
}
