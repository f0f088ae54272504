/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign rotate SIGNER KEY FILE…`: from a signer's old keys to a new one. Each step leaves every
 * file signed by a key that is trusted: the new key is trusted first, and the old ones until every
 * file has left them.
 */

#include <string.h>
#include <unistd.h>

#include "src/command/arguments.h"
#include "src/bpfsign/bpfsign.h"
#include "keyring/cert.h"
#include "src/base/log.h"
#include "src/trust/order_submit.h"
#include "src/sign/rotate.h"
#include "src/trust/trust.h"
#include "src/base/base.h"

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
	bool keep;
	struct anchors anchors; /* all of the disk */
	struct rotate rotate;
};

static void request_done(struct request *request)
{
	key_done(&request->rotate.key);
	free(request->rotate.old.items);
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
		request->rotate.dry_run = true;
		return -1;
	default:
		request->rotate.use_json = true;
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
	request->rotate.signer = argv[optind];
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
	struct rotate *rotate = &request->rotate;
	size_t all = 0;

	rotate->old.items = calloc(request->anchors.n + 1, sizeof(*rotate->old.items));
	if (!rotate->old.items)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < request->anchors.n; i++) {
		const struct anchor *anchor = &request->anchors.items[i];
		if (strcmp(anchor->signer, rotate->signer) != 0)
			continue;
		all++;
		if (!cert_same(anchor->certificate, rotate->key.certificate))
			rotate->old.items[rotate->old.n++] = *anchor;
	}
	if (all > 0)
		return 0;
	diag_set(reterr, -ENOENT, "no signer '%s' is enrolled", rotate->signer);
	diag_hint(reterr, "bpfsign enroll '%s' --signer %s", request->uri, rotate->signer);
	return -ENOENT;
}

/* An order names a certificate, and the signer by its common name. */
static int check_order(const struct request *request, struct diag *reterr)
{
	char name[BS_NAME_SIZE];

	if (!request->order)
		return 0;
	int r = cert_common_name(request->rotate.key.certificate, name, reterr);
	if (r < 0 || strcmp(name, request->rotate.signer) == 0)
		return r;
	return diag_set(reterr, -EINVAL,
		"an order enrols a certificate under its common name '%s', not '%s'", name,
		request->rotate.signer);
}

static int prepare(struct request *request, struct diag *reterr)
{
	struct key *key = &request->rotate.key;
	enum key_origin origin;
	bool made = false;

	int r = anchors_load(&request->anchors, reterr);
	if (r >= 0)
		r = key_load_signing(request->uri, request->certificate_path, &request->anchors,
			key, &origin, reterr);
	/* A certificate of another signer, or one that names nobody, is none for this one. */
	if (r >= 0 && origin != KEY_FROM_FILE)
		r = trust_certify(key, request->rotate.signer, &made, reterr);
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
	struct trust_beside beside = {0};
	struct trust trust = {
		.signer = request->rotate.signer,
		.certificate = request->rotate.key.certificate,
		.marks = anchors_marks(&request->anchors, request->rotate.signer),
	};

	int r = trust_add(&trust, reterr);
	if (r < 0 || !(trust.marks & (ANCHOR_IMA | ANCHOR_FSVERITY)))
		return r;
	/* A file that IMA or fs-verity would refuse under the new key must not lose the old one. */
	r = trust_add_beside(&beside, reterr);
	if (r == -EPERM)
		diag_hint(reterr, "both keys are enrolled; reboot, and rotate once more");
	if (r >= 0 && !trust_report_beside(&beside))
		return diag_set(reterr, -EBUSY, "the new key does not count for IMA");
	return r;
}

static int retire_old(struct request *request, struct diag *reterr)
{
	struct rotate *rotate = &request->rotate;
	int r = 0;

	if (rotate->old.n == 0)
		log_info("'%s' has no other key any more", rotate->signer);
	for (size_t i = 0; r >= 0 && i < rotate->old.n; i++) {
		const struct anchor *anchor = &rotate->old.items[i];
		if (!rotate->dry_run)
			r = trust_retire(anchor, reterr);
		if (r >= 0 && !rotate->use_json)
			printf("%s: %.16s of '%s'\n", rotate->dry_run ? "would retire" : "retired",
				anchor->fingerprint, anchor->signer);
	}
	return r;
}

static void sign_files(struct request *request)
{
	for (char **file = request->files; *file; file++)
		rotate_file(&request->rotate, *file, /* named= */ true);
	for (size_t i = 0; i < request->n_trees; i++)
		rotate_tree(&request->rotate, request->trees[i]);
}

static void preview(const struct request *request)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	if (!request->rotate.use_json)
		printf("would enroll %.16s as '%s'\n",
			cert_fingerprint(request->rotate.key.certificate, fingerprint),
			request->rotate.signer);
}

static int rotate(struct request *request, struct diag *reterr)
{
	int r = 0;

	if (request->rotate.dry_run)
		preview(request);
	else
		r = trust_new(request, reterr);
	if (r < 0)
		return r;
	sign_files(request);
	if (request->rotate.failed) {
		diag_set(reterr, -EIO,
			"not every file was signed again, so that '%s' keeps its old key too",
			request->rotate.signer);
		diag_hint(reterr, "mend that, and rotate once more");
		return -EIO;
	}
	return request->keep ? 0 : retire_old(request, reterr);
}

/* The end comes whatever happened: what is in the rings by then is guarded. */
static int rotate_permitted(struct request *request, struct diag *reterr)
{
	struct diag ignored;
	int r = permit_keys_begin(request->order, "enroll", request->uri, reterr);

	if (r < 0)
		return r;
	r = rotate(request, reterr);
	int ended = permit_keys_end(r < 0 ? &ignored : reterr);
	return r < 0 ? r : ended;
}

int cmd_rotate(const struct command *command, int argc, char **argv)
{
	_cleanup_(request_done) struct request request = {0};
	struct rotate *job = &request.rotate;
	struct diag diag;

	int status = parse(&request, command, argc, argv);
	if (status >= 0)
		return status;
	int r = prepare(&request, &diag);
	json_start(&job->json, stdout);
	if (job->use_json)
		json_array_begin(&job->json, NULL);
	if (r >= 0)
		r = job->dry_run ? rotate(&request, &diag) : rotate_permitted(&request, &diag);
	if (job->use_json) {
		json_array_end(&job->json);
		json_finish(&job->json);
	}
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}
