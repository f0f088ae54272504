/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign verify FILE…`: who signed a file, and as what, by the anchors on disk. Not what the
 * policy would do with it.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "arguments.h"
#include "cmd.h"
#include "json.h"
#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "log.h"
#include "names.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "util.h"

enum { OPTION_ROLE, OPTION_JSON };
const struct option_spec verify_options[] = {
	[OPTION_ROLE] = {"role", 0, "ROLE", "accept this role only"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

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

/* What was found out about one file. */
struct finding {
	const char *path;
	enum verdict verdict;
	bool sealed, has_digest;
	uint8_t digest[BS_DIGEST_SIZE];
	const struct anchor *anchor; /* NULL: no good claim; else claim is set too */
	struct claim claim;
	struct diag diag; /* the sentence, for any answer but `signed` */
};

struct verify {
	enum bs_role role; /* BS_ROLE_NONE: any */
	bool use_json;
	struct json json;
	struct anchors anchors;
};

static void verify_done(struct verify *verify)
{
	anchors_done(&verify->anchors);
}

static int parse(struct verify *verify, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option == OPTION_JSON) {
			verify->use_json = true;
			continue;
		}
		int role = role_find(argument);
		if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
			return command_usage(command,
				"--role '%s' is not executable, library, collateral or policy",
				argument);
		verify->role = (enum bs_role)role;
	}
	int status = arguments_end(option);
	return status < 0 ? arguments_count(command, argc, 1, argc) : status;
}

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

/* A good claim: is it the one that is wanted, by a key and on a file that the kernel takes? */
static enum verdict judge_claim(const struct verify *verify, struct finding *finding)
{
	const struct claim *claim = &finding->claim;
	char date[DATE_TEXT_SIZE];
	time_t expiry = 0;

	if (verify->role != BS_ROLE_NONE && claim->role != verify->role) {
		diag_set(&finding->diag, 0, "'%s' signed it as %s '%s'", finding->anchor->signer,
			role_name(claim->role), claim->name);
		return WRONG_ROLE;
	}
	if (cert_expiry(finding->anchor->certificate, &expiry) < 0 || expiry <= time(NULL)) {
		diag_set(&finding->diag, 0, "the key of '%s' expired on %s",
			finding->anchor->signer, cert_date(expiry, date));
		return EXPIRED_KEY;
	}
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

static enum verdict judge(const struct verify *verify, struct finding *finding)
{
	struct diag *diag = &finding->diag;
	_cleanup_close_ int fd = open_path(AT_FDCWD, finding->path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0) {
		diag_set(diag, fd, "can't open '%s': %s", finding->path, strerror(-fd));
		return UNKNOWN;
	}
	int r = verity_digest(fd, finding->digest, &finding->sealed, diag);
	if (r < 0) {
		diag_at(diag, finding->path, 0, 0);
		return UNKNOWN;
	}
	finding->has_digest = true;
	r = claim_of_file(finding->path, fd, finding->digest, &verify->anchors,
		&finding->claim, &finding->anchor, diag);
	if (r == -ENODATA) /* the line begins with the file's name */
		diag_set(diag, r, "it has no claim");
	if (r < 0)
		return verdict_of(r, finding->sealed);
	return finding->sealed ? judge_content(verify, finding, fd) : judge_claim(verify, finding);
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
		finding->has_digest ? hex_encode(finding->digest, sizeof(finding->digest), digest)
				    : NULL);
	json_bool(json, "sealed", finding->sealed);
	json_object_end(json);
}

static void report_text(const struct finding *finding)
{
	_cleanup_free_ char *path = escape_text(finding->path, strlen(finding->path));
	_cleanup_free_ char *message =
		escape_text(finding->diag.message, strlen(finding->diag.message));
	const struct claim *claim = &finding->claim;

	if (!path || !message)
		return;
	if (finding->verdict == UNKNOWN)
		diag_print(&finding->diag);
	else if (finding->verdict == SIGNED)
		printf("%s: signed by %s as %s, %s, sequence %" PRIu64 ", key %.16s\n", path,
			finding->anchor->signer, claim->name, role_name(claim->role),
			claim->sequence, finding->anchor->fingerprint);
	else
		printf("%s: %s: %s; %s\n", path, verdicts[finding->verdict].word, message,
			reason_cure(verdicts[finding->verdict].reason));
}

static int verify_file(struct verify *verify, const char *path)
{
	struct finding finding = {.path = path};

	finding.verdict = judge(verify, &finding);
	if (verify->use_json)
		report_json(&verify->json, &finding);
	else
		report_text(&finding);
	switch (finding.verdict) {
	case SIGNED:
		return EXIT_YES;
	case UNKNOWN:
		return EXIT_UNKNOWN;
	default:
		return EXIT_NO;
	}
}

int cmd_verify(const struct command *command, int argc, char **argv)
{
	_cleanup_(verify_done) struct verify verify = {0};
	struct diag diag;

	int status = parse(&verify, command, argc, argv);
	if (status >= 0)
		return status;
	int r = anchors_load(&verify.anchors, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);

	status = EXIT_YES;
	json_start(&verify.json, stdout);
	if (verify.use_json)
		json_array_begin(&verify.json, NULL);
	for (int i = optind; i < argc; i++) {
		int one = verify_file(&verify, argv[i]);
		status = one > status ? one : status;
	}
	if (verify.use_json) {
		json_array_end(&verify.json);
		json_finish(&verify.json);
	}
	return status;
}
