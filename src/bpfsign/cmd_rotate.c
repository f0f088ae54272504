/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign rotate SIGNER KEY FILE…`: from a signer's old keys to a new one. Each step leaves every
 * file signed by a key that is trusted: the new key is trusted first, and the old ones until every
 * file has left them.
 */

#include <string.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "src/base/base.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/enroll.h"
#include "src/command/arguments.h"
#include "src/files/batch.h"
#include "src/sign/rotate.h"
#include "src/trust/order_submit.h"
#include "src/trust/trust.h"

#define TREES_LIMIT 64

enum {
	OPTION_RECURSIVE,
	OPTION_CERTIFICATE,
	OPTION_KEEP,
	OPTION_ORDER,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec rotate_options[] = {
	[OPTION_RECURSIVE] = {"recursive", 'r', "DIR", "also what the old key signed below DIR"},
	[OPTION_CERTIFICATE] = {"certificate", 'c', "FILE", "the new key's certificate"},
	[OPTION_KEEP] = {"keep", 0, NULL, "go on trusting the old key"},
	[OPTION_ORDER] = {"order", 0, "FILE",
		"the control signer's order to enroll it, while enforcing"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would change, change nothing"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

struct request {
	const char *uri, *certificate_path, *order;
	const char *trees[TREES_LIMIT];
	size_t n_trees;
	char **files;
	bool keep, dry_run, use_json;
	const char *signer;
	struct key key;         /* the new one */
	struct anchors anchors; /* all of the disk */
	struct anchors old;     /* the signer's others; only the array is owned */
	struct json json;
};

static void request_done(struct request *request)
{
	key_done(&request->key);
	free(request->old.items);
	anchors_done(&request->anchors);
}

static int set_option(
	struct request *request, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_RECURSIVE:
		if (request->n_trees == TREES_LIMIT)
			return command_usage(
				command, "more than %d times --recursive", TREES_LIMIT);
		request->trees[request->n_trees++] = argument;
		return -1;
	case OPTION_CERTIFICATE:
		request->certificate_path = argument;
		return -1;
	case OPTION_KEEP:
		request->keep = true;
		return -1;
	case OPTION_ORDER:
		request->order = argument;
		return -1;
	case OPTION_DRY_RUN:
		request->dry_run = true;
		return -1;
	default:
		request->use_json = true;
		return -1;
	}
}

static int parse(struct request *request, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(request, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 2, argc);
	if (status < 0)
		status = arguments_name(command, "signer", argv[optind]);
	if (status < 0 && argc - optind == 2 && request->n_trees == 0)
		status = command_usage(command,
			"what did '%s' sign? Name the files, or --recursive DIR", argv[optind]);
	if (status >= 0)
		return status;
	request->signer = argv[optind];
	request->uri = argv[optind + 1];
	request->files = argv + optind + 2;
	return -1;
}

/*
 * The signer's other certificates, of the same key too: then it is renewed. The items belong to
 * request->anchors.
 */
static int find_old(struct request *request, struct diag *reterr)
{
	size_t all = 0;

	request->old.items = calloc(request->anchors.n + 1, sizeof(*request->old.items));
	if (!request->old.items)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < request->anchors.n; i++) {
		const struct anchor *anchor = &request->anchors.items[i];
		if (strcmp(anchor->signer, request->signer) != 0)
			continue;
		all++;
		if (!cert_same(anchor->certificate, request->key.certificate))
			request->old.items[request->old.n++] = *anchor;
	}
	if (all > 0)
		return 0;
	diag_set(reterr, -ENOENT, "no signer '%s' is enrolled", request->signer);
	diag_hint(reterr, "bpfsign enroll '%s' --signer %s", request->uri, request->signer);
	return -ENOENT;
}

/* An order names a certificate, and the signer by its common name. */
static int check_order(const struct request *request, struct diag *reterr)
{
	char name[BS_NAME_SIZE];

	if (!request->order)
		return 0;
	int r = cert_common_name(request->key.certificate, name, reterr);
	if (r < 0 || strcmp(name, request->signer) == 0)
		return r;
	return diag_set(reterr, -EINVAL,
		"an order enrols a certificate under its common name '%s', not '%s'", name,
		request->signer);
}

static int prepare(struct request *request, struct diag *reterr)
{
	struct key *key = &request->key;
	enum key_origin origin;
	bool made = false;

	int r = anchors_load(&request->anchors, reterr);
	if (r >= 0)
		r = key_load_signing(request->uri, request->certificate_path, &request->anchors,
			key, &origin, reterr);
	/* A certificate of another signer, or one that names nobody, is none for this one. */
	if (r >= 0 && origin != KEY_FROM_FILE)
		r = trust_certify(key, request->signer, &made, reterr);
	if (r >= 0)
		r = find_old(request, reterr);
	if (r >= 0)
		r = check_order(request, reterr);
	if (r >= 0 && made)
		log_info("no certificate beside the key: made one from it");
	return r;
}

static int trust_new(struct request *request, struct diag *reterr)
{
	struct trust_rings rings = {0};
	struct trust trust = {
		.signer = request->signer,
		.certificate = request->key.certificate,
		.marks = anchors_marks(&request->anchors, request->signer),
	};

	int r = trust_add(&trust, reterr);
	if (r < 0 || !(trust.marks & (ANCHOR_IMA | ANCHOR_FSVERITY)))
		return r;
	/* A file that IMA or fs-verity would refuse under the new key must not lose the old one. */
	r = trust_add_to_rings(&rings, reterr);
	if (r == -EPERM)
		diag_hint(reterr, "both keys are enrolled; reboot, and rotate once more");
	if (r >= 0 && !enroll_report_rings(&rings))
		return diag_set(reterr, -EBUSY, "the new key does not count for IMA");
	return r;
}

static int retire_old(struct request *request, struct diag *reterr)
{
	int r = 0;

	if (request->old.n == 0)
		log_info("'%s' has no other key any more", request->signer);
	for (size_t i = 0; r >= 0 && i < request->old.n; i++) {
		const struct anchor *anchor = &request->old.items[i];
		if (!request->dry_run)
			r = trust_retire(anchor, reterr);
		if (r >= 0 && !request->use_json)
			printf("%s: %.16s of '%s'\n", request->dry_run ? "would retire" : "retired",
				anchor->fingerprint, anchor->signer);
	}
	return r;
}

static void report(void *context, const char *path, enum rotate_result result,
	const struct claim *claim, const struct diag *diag)
{
	struct request *request = context;
	const struct report report = {
		.path = path, .result = rotate_word(result), .claim = claim, .diag = diag};

	if (result == ROTATE_LEFT_ALONE && !request->use_json)
		log_info("'%s': %s: %s", path, report.result, diag->message);
	else
		batch_print(stdout, stderr, request->use_json ? &request->json : NULL, &report);
}

/* Returns false when some file could not be signed again. */
static bool sign_files(struct request *request)
{
	const struct rotate_options options = {.key = &request->key,
		.old = &request->old,
		.dry_run = request->dry_run,
		.report = report,
		.context = request};
	bool good = true;

	for (char **file = request->files; *file; file++)
		good &= rotate_file(&options, *file, /* named= */ true) == 0;
	for (size_t i = 0; i < request->n_trees; i++)
		good &= rotate_tree(&options, request->trees[i]) == 0;
	return good;
}

static void preview(const struct request *request)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	if (!request->use_json)
		printf("would enroll %.16s as '%s'\n",
			cert_fingerprint(request->key.certificate, fingerprint), request->signer);
}

static int rotate(struct request *request, struct diag *reterr)
{
	int r = 0;

	if (request->dry_run)
		preview(request);
	else
		r = trust_new(request, reterr);
	if (r < 0)
		return r;
	if (!sign_files(request)) {
		diag_set(reterr, -EIO,
			"not every file was signed again, so that '%s' keeps its old key too",
			request->signer);
		diag_hint(reterr, "mend that, and rotate once more");
		return -EIO;
	}
	return request->keep ? 0 : retire_old(request, reterr);
}

/* The end comes whatever happened: what is in the rings by then is guarded. */
static int rotate_permitted(struct request *request, struct diag *reterr)
{
	struct diag ignored;
	int r = order_submit_keys_begin(request->order, "enroll", request->uri, reterr);

	if (r < 0)
		return r;
	r = rotate(request, reterr);
	int ended = order_submit_keys_end(r < 0 ? &ignored : reterr);
	return r < 0 ? r : ended;
}

int cmd_rotate(const struct command *command, int argc, char **argv)
{
	_cleanup_(request_done) struct request request = {0};
	struct diag diag;

	int status = parse(&request, command, argc, argv);
	if (status >= 0)
		return status;
	int r = prepare(&request, &diag);
	json_start(&request.json, stdout);
	if (request.use_json)
		json_array_begin(&request.json, NULL);
	if (r >= 0)
		r = request.dry_run ? rotate(&request, &diag) : rotate_permitted(&request, &diag);
	if (request.use_json) {
		json_array_end(&request.json);
		json_finish(&request.json);
	}
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}
