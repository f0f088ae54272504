/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The line or the object of `verify` about one file. */

#include "src/bpfsign/verify_show.h"

#include <inttypes.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/names/names.h"

static void others_json(struct json *json, const struct verify_finding *finding)
{
	json_array_begin(json, "beside");
	for (size_t i = 0; i < SIGNERS; i++) {
		const struct verify_signature *other = &finding->others[i];
		if (!other->present)
			continue;
		json_object_begin(json, NULL);
		json_string(json, "kind", signers[i]->name);
		json_string(json, "verdict", verify_word(other->verdict));
		json_string(json, "message",
			other->verdict == VERIFY_SIGNED ? "" : other->diag.message);
		json_string(json, "signer", other->anchor ? other->anchor->signer : NULL);
		json_string(json, "fingerprint", other->anchor ? other->anchor->fingerprint : NULL);
		json_object_end(json);
	}
	json_array_end(json);
}

static void report_json(struct json *json, const struct verify_finding *finding)
{
	const struct claim *claim = finding->anchor ? &finding->claim : NULL;
	char digest[2 * BS_DIGEST_SIZE + 1];
	enum bs_reason reason = verify_reason(finding->verdict);

	json_object_begin(json, NULL);
	json_string(json, "path", finding->path);
	json_string(json, "verdict", verify_word(finding->verdict));
	json_string(json, "reason", reason_name(reason));
	json_string(
		json, "message", finding->verdict == VERIFY_SIGNED ? "" : finding->diag.message);
	json_string(json, "cure",
		finding->verdict == VERIFY_NO_ANSWER ? finding->diag.hint : reason_cure(reason));
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
	others_json(json, finding);
	json_object_end(json);
}

static void other_text(
	FILE *out, const char *path, const char *kind, const struct verify_signature *other)
{
	_cleanup_free_ char *message =
		escape_text(other->diag.message, strlen(other->diag.message));

	if (other->verdict == VERIFY_SIGNED)
		fprintf(out, "%s: %s: signed by %s, key %.16s\n", path, kind, other->anchor->signer,
			other->anchor->fingerprint);
	else
		fprintf(out, "%s: %s: %s: %s\n", path, kind, verify_word(other->verdict),
			message ? message : "?");
}

static void report_text(const struct verify_finding *finding, FILE *out, FILE *err)
{
	_cleanup_free_ char *path = escape_text(finding->path, strlen(finding->path));
	_cleanup_free_ char *message =
		escape_text(finding->diag.message, strlen(finding->diag.message));
	const struct claim *claim = &finding->claim;

	if (!path || !message)
		return;
	if (finding->verdict == VERIFY_NO_ANSWER)
		diag_write(err, &finding->diag);
	else if (finding->verdict == VERIFY_SIGNED)
		fprintf(out, "%s: signed by %s as %s, %s, sequence %" PRIu64 ", key %.16s\n", path,
			finding->anchor->signer, claim->name, role_name(claim->role),
			claim->sequence, finding->anchor->fingerprint);
	else
		fprintf(out, "%s: %s: %s; %s\n", path, verify_word(finding->verdict), message,
			reason_cure(verify_reason(finding->verdict)));
	for (size_t i = 0; i < SIGNERS; i++)
		if (finding->others[i].present)
			other_text(out, path, signers[i]->name, &finding->others[i]);
}

void verify_show(const struct verify_finding *finding, bool use_json, struct outcome *outcome)
{
	struct json json;

	json_start(&json, outcome->out);
	if (use_json)
		report_json(&json, finding);
	else
		report_text(finding, outcome->out, outcome->err);
}
