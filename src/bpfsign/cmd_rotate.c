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

struct options {
	const char *signer, *uri, *certificate_path, *order;
	const char *trees[TREES_LIMIT];
	size_t n_trees;
	char **files;
	bool keep, dry_run, use_json;
};

/* One rotation. */
struct rotation {
	const struct options *options;
	struct key key;         /* the new one */
	struct anchors anchors; /* all of the disk */
	struct anchors old;     /* the signer's others; only the array is owned */
	struct json json;
};

static void rotation_done(struct rotation *rotation)
{
	key_done(&rotation->key);
	free(rotation->old.items);
	anchors_done(&rotation->anchors);
}

static int set_option(
	struct options *options, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_RECURSIVE:
		if (options->n_trees == TREES_LIMIT)
			return command_usage(
				command, "more than %d times --recursive", TREES_LIMIT);
		options->trees[options->n_trees++] = argument;
		return -1;
	case OPTION_CERTIFICATE:
		options->certificate_path = argument;
		return -1;
	case OPTION_KEEP:
		options->keep = true;
		return -1;
	case OPTION_ORDER:
		options->order = argument;
		return -1;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return -1;
	default:
		options->use_json = true;
		return -1;
	}
}

static int parse(struct options *options, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(options, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 2, argc);
	if (status < 0)
		status = arguments_name(command, "signer", argv[optind]);
	if (status < 0 && argc - optind == 2 && options->n_trees == 0)
		status = command_usage(command,
			"what did '%s' sign? Name the files, or --recursive DIR", argv[optind]);
	if (status >= 0)
		return status;
	options->signer = argv[optind];
	options->uri = argv[optind + 1];
	options->files = argv + optind + 2;
	return -1;
}

/*
 * The signer's other certificates, of the same key too: then it is renewed. The items belong to
 * rotation->anchors.
 */
static int find_old(struct rotation *rotation, struct diag *reterr)
{
	size_t all = 0;

	rotation->old.items = calloc(rotation->anchors.n + 1, sizeof(*rotation->old.items));
	if (!rotation->old.items)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rotation->anchors.n; i++) {
		const struct anchor *anchor = &rotation->anchors.items[i];
		if (strcmp(anchor->signer, rotation->options->signer) != 0)
			continue;
		all++;
		if (!cert_same(anchor->certificate, rotation->key.certificate))
			rotation->old.items[rotation->old.n++] = *anchor;
	}
	if (all > 0)
		return 0;
	diag_set(reterr, -ENOENT, "no signer '%s' is enrolled", rotation->options->signer);
	diag_hint(reterr, "bpfsign enroll '%s' --signer %s", rotation->options->uri,
		rotation->options->signer);
	return -ENOENT;
}

/* An order names a certificate, and the signer by its common name. */
static int check_order(const struct rotation *rotation, struct diag *reterr)
{
	char name[BS_NAME_SIZE];

	if (!rotation->options->order)
		return 0;
	int r = cert_common_name(rotation->key.certificate, name, reterr);
	if (r < 0 || strcmp(name, rotation->options->signer) == 0)
		return r;
	return diag_set(reterr, -EINVAL,
		"an order enrols a certificate under its common name '%s', not '%s'", name,
		rotation->options->signer);
}

static int prepare(struct rotation *rotation, struct diag *reterr)
{
	struct key *key = &rotation->key;
	enum key_origin origin;
	bool made = false;

	int r = anchors_load(&rotation->anchors, reterr);
	if (r >= 0)
		r = key_load_signing(rotation->options->uri, rotation->options->certificate_path,
			&rotation->anchors, key, &origin, reterr);
	/* Only a certificate that names this signer counts; else one is made. */
	if (r >= 0 && origin != KEY_FROM_FILE)
		r = trust_certify(key, rotation->options->signer, &made, reterr);
	if (r >= 0)
		r = find_old(rotation, reterr);
	if (r >= 0)
		r = check_order(rotation, reterr);
	if (r >= 0 && made)
		log_info("no certificate beside the key: made one from it");
	return r;
}

static int trust_new(struct rotation *rotation, struct diag *reterr)
{
	struct trust_rings rings = {0};
	struct trust trust = {
		.signer = rotation->options->signer,
		.certificate = rotation->key.certificate,
		.marks = anchors_marks(&rotation->anchors, rotation->options->signer),
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

static int retire_old(struct rotation *rotation, struct diag *reterr)
{
	int r = 0;

	if (rotation->old.n == 0)
		log_info("'%s' has no other key any more", rotation->options->signer);
	for (size_t i = 0; r >= 0 && i < rotation->old.n; i++) {
		const struct anchor *anchor = &rotation->old.items[i];
		if (!rotation->options->dry_run)
			r = trust_retire(anchor, reterr);
		if (r >= 0 && !rotation->options->use_json)
			printf("%s: %.16s of '%s'\n",
				rotation->options->dry_run ? "would retire" : "retired",
				anchor->fingerprint, anchor->signer);
	}
	return r;
}

static void report(void *context, const char *path, enum rotate_result result,
	const struct claim *claim, const struct diag *diag)
{
	struct rotation *rotation = context;
	const struct report report = {
		.path = path, .result = rotate_word(result), .claim = claim, .diag = diag};

	if (result == ROTATE_LEFT_ALONE && !rotation->options->use_json)
		log_info("'%s': %s: %s", path, report.result, diag->message);
	else
		batch_print(stdout, stderr, rotation->options->use_json ? &rotation->json : NULL,
			&report);
}

/* Returns false when some file could not be signed again. */
static bool sign_files(struct rotation *rotation)
{
	const struct rotate_options options = {.key = &rotation->key,
		.old = &rotation->old,
		.dry_run = rotation->options->dry_run,
		.report = report,
		.context = rotation};
	bool good = true;

	for (char **file = rotation->options->files; *file; file++)
		good &= rotate_file(&options, *file, /* named= */ true) == 0;
	for (size_t i = 0; i < rotation->options->n_trees; i++)
		good &= rotate_tree(&options, rotation->options->trees[i]) == 0;
	return good;
}

static void preview(const struct rotation *rotation)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	if (!rotation->options->use_json)
		printf("would enroll %.16s as '%s'\n",
			cert_fingerprint(rotation->key.certificate, fingerprint),
			rotation->options->signer);
}

static int rotate(struct rotation *rotation, struct diag *reterr)
{
	int r = 0;

	if (rotation->options->dry_run)
		preview(rotation);
	else
		r = trust_new(rotation, reterr);
	if (r < 0)
		return r;
	if (!sign_files(rotation)) {
		diag_set(reterr, -EIO,
			"not every file was signed again, so that '%s' keeps its old key too",
			rotation->options->signer);
		diag_hint(reterr, "mend that, and rotate once more");
		return -EIO;
	}
	return rotation->options->keep ? 0 : retire_old(rotation, reterr);
}

/* order_submit_keys_end() runs after an error too: new keys in the rings must be guarded. */
static int rotate_permitted(struct rotation *rotation, struct diag *reterr)
{
	struct diag ignored;
	int r = order_submit_keys_begin(
		rotation->options->order, "enroll", rotation->options->uri, reterr);

	if (r < 0)
		return r;
	r = rotate(rotation, reterr);
	int ended = order_submit_keys_end(r < 0 ? &ignored : reterr);
	return r < 0 ? r : ended;
}

int cmd_rotate(const struct command *command, int argc, char **argv)
{
	struct options options = {0};
	_cleanup_(rotation_done) struct rotation rotation = {.options = &options};
	struct diag diag;

	int status = parse(&options, command, argc, argv);
	if (status >= 0)
		return status;
	int r = prepare(&rotation, &diag);
	json_start(&rotation.json, stdout);
	if (options.use_json)
		json_array_begin(&rotation.json, NULL);
	if (r >= 0)
		r = options.dry_run ? rotate(&rotation, &diag) : rotate_permitted(&rotation, &diag);
	if (options.use_json) {
		json_array_end(&rotation.json);
		json_finish(&rotation.json);
	}
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}
