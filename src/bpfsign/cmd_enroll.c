/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign enroll KEY`: a certificate into its signer's kernel ring, and onto disk. */

#include <string.h>

#include "keyring/cert.h"
#include "keyring/key.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/enroll.h"
#include "src/command/arguments.h"
#include "src/trust/order_submit.h"

enum {
	OPTION_SIGNER,
	OPTION_ADD,
	OPTION_CONTROL,
	OPTION_IMA,
	OPTION_FSVERITY,
	OPTION_ALL,
	OPTION_ORDER,
	OPTION_ROOT,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec enroll_options[] = {
	[OPTION_SIGNER] = {"signer", 's', "NAME", "the signer's name (default: the common name)"},
	[OPTION_ADD] = {"add", 0, NULL, "beside the certificates that the signer has"},
	[OPTION_CONTROL] = {"control", 0, NULL, "the signer whose orders loosen the enforcement"},
	[OPTION_IMA] = {"ima", 0, NULL, "also into IMA's keyring, which is pinned"},
	[OPTION_FSVERITY] = {"fsverity", 0, NULL, "also into fs-verity's keyring"},
	[OPTION_ALL] = {"all", 0, NULL, "what is enrolled on disk, into the kernel: at boot"},
	[OPTION_ORDER] = {"order", 0, "FILE", "the control signer's order, while enforcing"},
	[OPTION_ROOT] = {"root", 0, "DIR",
		"onto the disk of the system below DIR, not into this kernel"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would change, change nothing"},
	[OPTION_JSON] = {"json", 0, NULL, "print what was enrolled as JSON"},
	{0},
};

static int set_option(struct enroll_options *options, const struct command *command, int option,
	const char *argument)
{
	switch (option) {
	case OPTION_SIGNER:
		options->signer = argument;
		return arguments_name(command, "signer", argument);
	case OPTION_ADD:
		options->add = true;
		return -1;
	case OPTION_CONTROL:
		options->marks |= ANCHOR_CONTROL;
		return -1;
	case OPTION_IMA:
		options->marks |= ANCHOR_IMA;
		return -1;
	case OPTION_FSVERITY:
		options->marks |= ANCHOR_FSVERITY;
		return -1;
	case OPTION_ALL:
		options->all = true;
		return -1;
	case OPTION_ORDER:
		options->order = argument;
		return -1;
	case OPTION_ROOT:
		options->root = argument;
		return anchors_use_root(argument) < 0 ? log_error_errno(-ENOMEM, "out of memory"),
		       EXIT_UNKNOWN                   : -1;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return -1;
	default:
		options->json = true;
		return -1;
	}
}

static int parse(
	struct enroll_options *options, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(options, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, !options->all, !options->all);
	if (status < 0 && options->all && (options->signer || options->marks || options->add))
		status = command_usage(command, "--all takes the signers as they are on disk");
	if (status < 0 && options->order && (options->signer || options->marks || options->all))
		status = command_usage(
			command, "an order enrols one certificate, under its common name");
	if (status < 0 && options->root && (options->all || options->order))
		status = command_usage(
			command, "--root is about the disk of an image, not about this kernel");
	if (status < 0 && !options->all)
		options->uri = argv[optind];
	return status;
}

static int certify(struct enroll *enroll, struct key *key, struct diag *reterr)
{
	if (enroll->options->signer)
		return trust_certify(key, enroll->options->signer, &enroll->made, reterr);
	diag_set(reterr, -EINVAL, "'%s' holds a key without a certificate", enroll->options->uri);
	diag_hint(reterr, "name its signer with --signer");
	return -EINVAL;
}

static int choose_signer(struct enroll *enroll, X509 *certificate, struct diag *reterr)
{
	if (enroll->options->signer) {
		snprintf(enroll->signer, sizeof(enroll->signer), "%s", enroll->options->signer);
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

/* order_submit_keys_end() runs after an error too: new keys in the rings must be guarded. */
static int install(struct enroll *enroll, struct diag *reterr)
{
	struct diag ignored;

	if (enroll->options->root)
		return anchors_add(enroll->trust.signer, enroll->trust.certificate,
			enroll->trust.marks, reterr);
	int r = order_submit_keys_begin(
		enroll->options->order, "enroll", enroll->options->uri, reterr);

	if (r < 0)
		return r;
	r = trust_add(&enroll->trust, reterr);
	int ended = order_submit_keys_end(r < 0 ? &ignored : reterr);
	return r < 0 ? r : ended;
}

/*
 * A certificate names its signer itself, whoever made it. So a signer that has others gets it only
 * when that was asked for, by its name or by an order, and the control signer never by an order.
 */
static int check_joining(const struct enroll *enroll, unsigned marks, struct diag *reterr)
{
	const struct enroll_options *options = enroll->options;
	const char *control = marks & ANCHOR_CONTROL ? " --control" : "";

	if (enroll->others == 0)
		return 0;
	if (marks & ANCHOR_CONTROL && options->order)
		return diag_set(reterr, -EPERM,
			"'%s' is the control signer, which gets no key by an order",
			enroll->signer);
	if (options->add && (options->signer || options->order) &&
		(!*control || options->marks & ANCHOR_CONTROL))
		return 0;
	diag_set(reterr, -EEXIST, "%s'%s' is enrolled already, with %zu other certificate%s",
		*control ? "the control signer " : "", enroll->signer, enroll->others,
		enroll->others == 1 ? "" : "s");
	if (options->order)
		diag_hint(reterr, "if this one is also its own: --add");
	else
		diag_hint(reterr, "if this one is also its own: --signer %s --add%s; else --signer",
			enroll->signer, control);
	return -EEXIST;
}

/* The marks that it gets, and those that its signer has. */
static int choose_marks(struct enroll *enroll, X509 *certificate, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int r = anchors_load(&anchors, reterr);

	if (r < 0)
		return r;
	const unsigned marks = anchors_marks(&anchors, enroll->signer);
	enroll->others = anchors_count_others(&anchors, enroll->signer, certificate);
	enroll->trust.marks = enroll->options->marks | marks;
	return check_joining(enroll, marks, reterr);
}

static int prepare(struct enroll *enroll, struct key *key, struct diag *reterr)
{
	int r = key_load(enroll->options->uri, key, reterr);
	if (r >= 0 && !key->certificate)
		r = certify(enroll, key, reterr);
	if (r >= 0)
		key_drop_private(key);
	if (r >= 0)
		r = choose_signer(enroll, key->certificate, reterr);
	if (r >= 0)
		r = anchors_check(enroll->signer, enroll->options->marks, reterr);
	if (r >= 0)
		r = choose_marks(enroll, key->certificate, reterr);
	if (r < 0)
		return r;
	enroll->trust.signer = enroll->signer;
	enroll->trust.certificate = key->certificate;
	r = cert_check(key->certificate, time(NULL), reterr);
	if (r < 0)
		diag_at(reterr, enroll->options->uri, 0, 0);
	return r;
}

static void warn_of_fsverity(const struct enroll *enroll)
{
	if (enroll->options->marks & ANCHOR_FSVERITY &&
		kernel_rings_count(KERNEL_RING_FSVERITY) == 0)
		log_warning(
			"while '.fs-verity' is empty the kernel refuses files with a built-in signature unseen; from now on it verifies them, which whoever may seal a file can have it do: those by the keys in it open, those by others still do not");
}

/* The signer is enrolled by now; a failure here is printed, and sets the exit status. */
static int install_rings(unsigned marks)
{
	struct trust_rings rings = {0};
	struct diag diag;

	if (!(marks & (ANCHOR_IMA | ANCHOR_FSVERITY)))
		return EXIT_YES;
	if (trust_add_to_rings(&rings, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	return enroll_report_rings(&rings) ? EXIT_YES : EXIT_UNKNOWN;
}

static int enroll_one(struct enroll *enroll)
{
	_cleanup_key_ struct key key = {0};
	int status = EXIT_YES;
	struct diag diag;

	int r = prepare(enroll, &key, &diag);
	if (r >= 0) {
		warn_of_beginning(enroll, key.certificate);
		if (!enroll->options->root)
			warn_of_fsverity(enroll);
	}
	if (r >= 0 && !enroll->options->dry_run)
		r = install(enroll, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (!enroll->options->dry_run && !enroll->options->root)
		status = install_rings(enroll->trust.marks);
	enroll_report(enroll);
	return status;
}

static int enroll_anchor(struct enroll *enroll, const struct anchor *anchor, struct diag *reterr)
{
	snprintf(enroll->signer, sizeof(enroll->signer), "%s", anchor->signer);
	enroll->trust = (struct trust){anchor->signer, anchor->certificate, anchor->marks, 0, 0};
	int r = cert_check(anchor->certificate, time(NULL), reterr);
	if (r >= 0 && !enroll->options->dry_run)
		r = trust_add_to_kernel(&enroll->trust, reterr);
	if (r < 0)
		diag_at(reterr, anchor->path, 0, 0);
	else
		enroll_report(enroll);
	return r;
}

/* Rings do not outlive the kernel; the anchors on disk do. One bad one does not stop the rest. */
static int enroll_all(struct enroll *enroll)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int status = EXIT_YES;
	unsigned marks = 0;
	struct diag diag;

	int r = anchors_load(&anchors, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < anchors.n; i++) {
		marks |= anchors.items[i].marks;
		if (enroll_anchor(enroll, &anchors.items[i], &diag) < 0)
			status = log_diag(EXIT_UNKNOWN, &diag);
	}
	return enroll->options->dry_run ? status : status | install_rings(marks);
}

int cmd_enroll(const struct command *command, int argc, char **argv)
{
	struct enroll_options options = {0};
	struct enroll enroll = {.options = &options};
	int status = parse(&options, command, argc, argv);

	if (status >= 0)
		return status;
	return options.all ? enroll_all(&enroll) : enroll_one(&enroll);
}
