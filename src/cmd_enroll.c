/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign enroll KEY`: a certificate into its signer's kernel ring, and onto disk. */

#include <string.h>

#include "arguments.h"
#include "cmd.h"
#include "json.h"
#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/key.h"
#include "keyring/keyring.h"
#include "log.h"
#include "permit.h"
#include "util.h"

enum { OPTION_SIGNER, OPTION_CONTROL, OPTION_ALL, OPTION_ORDER, OPTION_DRY_RUN, OPTION_JSON };
const struct option_spec enroll_options[] = {
	[OPTION_SIGNER] = {"signer", 's', "NAME", "the signer's name (default: the common name)"},
	[OPTION_CONTROL] = {"control", 0, NULL, "the signer whose orders loosen the enforcement"},
	[OPTION_ALL] = {"all", 0, NULL, "what is enrolled on disk, into the kernel: at boot"},
	[OPTION_ORDER] = {"order", 0, "FILE", "the control signer's order, while enforcing"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "check everything, change nothing"},
	[OPTION_JSON] = {"json", 0, NULL, "print what was enrolled as JSON"},
	{0},
};

struct enroll {
	const char *uri;    /* NULL with --all */
	const char *option; /* --signer */
	const char *order;  /* path, or NULL */
	bool control, all, dry_run, json;
	char signer[BS_NAME_SIZE];
	bool made; /* the certificate is new, made from the key */
	key_serial_t ring, key;
};

static int set_option(
	struct enroll *enroll, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_SIGNER:
		enroll->option = argument;
		return argument_name(command, "signer", argument);
	case OPTION_CONTROL:
		enroll->control = true;
		return -1;
	case OPTION_ALL:
		enroll->all = true;
		return -1;
	case OPTION_ORDER:
		enroll->order = argument;
		return -1;
	case OPTION_DRY_RUN:
		enroll->dry_run = true;
		return -1;
	default:
		enroll->json = true;
		return -1;
	}
}

static int parse(struct enroll *enroll, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(enroll, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, !enroll->all, !enroll->all);
	if (status < 0 && enroll->all && (enroll->option || enroll->control))
		status = command_usage(command, "--all takes the signers as they are on disk");
	if (status < 0 && enroll->order && (enroll->option || enroll->control || enroll->all))
		status = command_usage(command, "an order enrols one certificate, under its common name");
	if (status < 0 && !enroll->all)
		enroll->uri = argv[optind];
	return status;
}

/*
 * A private key alone: the certificate that this signer already has for it, or a new one. Without
 * this, enrolling twice would leave two certificates of one key.
 */
static int certify(struct enroll *enroll, struct key *key, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	_cleanup_x509_ X509 *made = NULL;

	if (!enroll->option) {
		diag_set(reterr, -EINVAL, "'%s' holds a key without a certificate", enroll->uri);
		diag_hint(reterr, "name its signer with --signer");
		return -EINVAL;
	}
	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = cert_make(key->private_key, enroll->option, CERT_DAYS_DEFAULT, &made, reterr);
	if (r < 0)
		return r;

	const struct anchor *known = anchors_find_key(&anchors, enroll->option, made);
	enroll->made = !known;
	key->certificate = known ? cert_keep(known->certificate) : TAKE_PTR(made);
	return 0;
}

static int choose_signer(struct enroll *enroll, X509 *certificate, struct diag *reterr)
{
	if (enroll->option) {
		snprintf(enroll->signer, sizeof(enroll->signer), "%s", enroll->option);
		return 0;
	}
	int r = cert_common_name(certificate, enroll->signer, reterr);
	if (r < 0)
		diag_hint(reterr, "name the signer with --signer");
	return r;
}

static void warn_of_beginning(const struct enroll *enroll, X509 *certificate)
{
	char date[DATE_TEXT_SIZE];
	time_t beginning;

	if (cert_beginning(certificate, &beginning) == 0 && beginning > time(NULL))
		log_warning("the certificate of '%s' begins on %s only; is the clock right?",
			enroll->signer, cert_date(beginning, date));
}

/* The kernel first: what it does not take must not be trusted by `verify` either. */
static int install(struct enroll *enroll, X509 *certificate, struct diag *reterr)
{
	int r = permit_keys_begin(enroll->order, "enroll", enroll->uri, reterr);
	if (r >= 0)
		r = keyring_make(enroll->signer, &enroll->ring, reterr);
	if (r >= 0)
		r = keyring_add(enroll->ring, certificate, &enroll->key, reterr);
	if (r >= 0)
		r = permit_keys_end(reterr);
	if (r < 0)
		return r;
	r = anchors_add(enroll->signer, certificate, enroll->control, reterr);
	if (r < 0)
		diag_hint(reterr, "the kernel trusts it until the next boot; enroll it again");
	return r;
}

static int prepare(struct enroll *enroll, struct key *key, struct diag *reterr)
{
	int r = key_load(enroll->uri, key, reterr);
	if (r >= 0 && !key->certificate)
		r = certify(enroll, key, reterr);
	if (r >= 0)
		r = choose_signer(enroll, key->certificate, reterr);
	if (r >= 0)
		r = anchors_check(enroll->signer, enroll->control, reterr);
	if (r < 0)
		return r;
	r = cert_check(key->certificate, time(NULL), reterr);
	if (r < 0)
		diag_at(reterr, enroll->uri, 0, 0);
	return r;
}

static void report_json(
	const struct enroll *enroll, X509 *certificate, const char *algorithm, const char *expires)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	struct json json;

	json_start(&json, stdout);
	json_object_begin(&json, NULL);
	json_string(&json, "signer", enroll->signer);
	json_string(&json, "fingerprint", cert_fingerprint(certificate, fingerprint));
	json_string(&json, "algorithm", algorithm);
	json_string(&json, "expires", expires);
	json_bool(&json, "control", enroll->control);
	json_bool(&json, "certificate_made", enroll->made);
	json_bool(&json, "dry_run", enroll->dry_run);
	json_integer(&json, "ring", enroll->ring);
	json_integer(&json, "key", enroll->key);
	json_object_end(&json);
	json_finish(&json);
}

static void report(const struct enroll *enroll, X509 *certificate)
{
	char algorithm[ALGORITHM_NAME_SIZE] = "", date[DATE_TEXT_SIZE];
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	time_t expiry = 0;

	cert_algorithm(certificate, algorithm, NULL);
	cert_expiry(certificate, &expiry);
	cert_date(expiry, date);
	if (enroll->json) {
		report_json(enroll, certificate, algorithm, date);
		return;
	}
	if (enroll->made)
		puts("no certificate beside the key: made one from it");
	printf("%s '%s'%s: %s, %.16s, until %s", enroll->dry_run ? "would enroll" : "enrolled",
		enroll->signer, enroll->control ? " as the control signer" : "", algorithm,
		cert_fingerprint(certificate, fingerprint), date);
	if (!enroll->dry_run)
		printf(", ring %d, key %d", enroll->ring, enroll->key);
	putchar('\n');
}

static int enroll_one(struct enroll *enroll)
{
	_cleanup_key_ struct key key = {0};
	struct diag diag;

	int r = prepare(enroll, &key, &diag);
	if (r >= 0)
		warn_of_beginning(enroll, key.certificate);
	if (r >= 0 && !enroll->dry_run)
		r = install(enroll, key.certificate, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	report(enroll, key.certificate);
	return EXIT_YES;
}

/* Rings do not outlive the kernel; the anchors on disk do. One bad one does not stop the rest. */
static int enroll_all(struct enroll *enroll)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int status = EXIT_YES;
	struct diag diag;

	int r = anchors_load(&anchors, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < anchors.n; i++) {
		const struct anchor *anchor = &anchors.items[i];
		enroll->control = anchor->control;
		snprintf(enroll->signer, sizeof(enroll->signer), "%s", anchor->signer);
		r = cert_check(anchor->certificate, time(NULL), &diag);
		if (r >= 0 && !enroll->dry_run)
			r = keyring_make(anchor->signer, &enroll->ring, &diag);
		if (r >= 0 && !enroll->dry_run)
			r = keyring_add(enroll->ring, anchor->certificate, &enroll->key, &diag);
		if (r < 0) {
			diag_at(&diag, anchor->path, 0, 0);
			log_diag(r, &diag);
			status = EXIT_UNKNOWN;
			continue;
		}
		report(enroll, anchor->certificate);
	}
	return status;
}

int cmd_enroll(const struct command *command, int argc, char **argv)
{
	struct enroll enroll = {0};
	int status = parse(&enroll, command, argc, argv);

	if (status >= 0)
		return status;
	return enroll.all ? enroll_all(&enroll) : enroll_one(&enroll);
}
