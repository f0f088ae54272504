/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The report of `enroll`, and the preview of --dry-run, which changes nothing. */

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/enroll.h"

/* Seconds that the key would be good for in the kernel. */
static int64_t timeout_of(X509 *certificate)
{
	time_t expiry = 0;

	cert_expiry(certificate, &expiry);
	return expiry - time(NULL);
}

static key_serial_t key_in_ring(enum kernel_ring which, X509 *certificate)
{
	key_serial_t key = 0;
	return kernel_rings_has(which, certificate, &key) == 1 ? key : 0;
}

static void report_json(const struct enroll *enroll, const char *algorithm, const char *expires)
{
	X509 *certificate = enroll->trust.certificate;
	_cleanup_free_ char *path = anchors_path(enroll->signer, certificate);
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	struct json json;

	json_start(&json, stdout);
	json_object_begin(&json, NULL);
	json_string(&json, "signer", enroll->signer);
	json_string(&json, "fingerprint", cert_fingerprint(certificate, fingerprint));
	json_string(&json, "algorithm", algorithm);
	json_string(&json, "expires", expires);
	json_bool(&json, "control", enroll->trust.marks & ANCHOR_CONTROL);
	json_bool(&json, "certificate_made", enroll->made);
	json_bool(&json, "dry_run", enroll->options->dry_run);
	json_integer(&json, "others", (int64_t)enroll->others);
	json_integer(&json, "ring", enroll->trust.ring);
	json_integer(&json, "key", enroll->trust.key);
	json_string(&json, "path", path);
	json_bool(&json, "on_disk", path && access(path, F_OK) == 0);
	json_integer(&json, "timeout", timeout_of(certificate));
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++)
		json_integer(&json, kernel_rings_word(which),
			enroll->trust.marks & kernel_rings_mark(which)
				? key_in_ring(which, certificate)
				: 0);
	json_bool(&json, "ima_pinned",
		enroll->trust.marks & ANCHOR_IMA && kernel_rings_ima_is_pinned() > 0);
	json_object_end(&json);
	json_finish(&json);
}

static void preview_disk(const struct enroll *enroll)
{
	static const struct {
		enum anchor_mark mark;
		const char *word;
	} marks[] = {
		{ANCHOR_CONTROL, "control"}, {ANCHOR_IMA, "ima"}, {ANCHOR_FSVERITY, "fsverity"}};
	_cleanup_free_ char *path = anchors_path(enroll->signer, enroll->trust.certificate);
	bool there = path && access(path, F_OK) == 0;

	printf("  disk: '%s' %s\n", path ? path : "?",
		there ? "is there already" : "would be written");
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		_cleanup_free_ char *mark =
			format_text("%s/%s/%s", anchors_directory(), enroll->signer, marks[i].word);
		if (mark && enroll->trust.marks & marks[i].mark)
			printf("  disk: '%s' %s\n", mark,
				access(mark, F_OK) == 0 ? "is there already" : "would be written");
	}
}

static void preview_ring(const struct enroll *enroll)
{
	X509 *certificate = enroll->trust.certificate;
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	key_serial_t ring, key;

	cert_fingerprint(certificate, fingerprint);
	int r = keyring_find(enroll->signer, &ring, NULL);
	if (r == -EPERM)
		puts("  ring: only root can see what there is");
	else if (r < 0)
		printf("  ring: 'bpfsign:%s' would be made\n", enroll->signer);
	else
		printf("  ring: 'bpfsign:%s' is %d, with %d keys\n", enroll->signer, ring,
			keyring_count(ring));
	if (r >= 0 && keyring_has(ring, certificate, &key) == 1)
		printf("  key: %.16s would replace key %d\n", fingerprint, key);
	else
		printf("  key: %.16s would be added\n", fingerprint);
	printf("  timeout: the key ends in %" PRId64 " seconds\n", timeout_of(certificate));
}

static void preview_kernel_ring(X509 *certificate, enum kernel_ring which)
{
	key_serial_t ring, key;
	const char *name;

	int r = kernel_rings_find(which, &name, &ring);
	if (r == -EPERM)
		printf("  %s: only root can see what there is\n", kernel_rings_word(which));
	else if (r < 0 && which == KERNEL_RING_FSVERITY)
		printf("  fsverity: this kernel has no '%s'\n", name);
	else if (kernel_rings_has(which, certificate, &key) == 1)
		printf("  %s: key %d is in '%s' already\n", kernel_rings_word(which), key, name);
	else if (which == KERNEL_RING_IMA && kernel_rings_ima_is_pinned() > 0 && name[0] != '.')
		printf("  ima: '%s' is closed; it would be added at the next boot\n", name);
	else if (which == KERNEL_RING_IMA && name[0] != '.')
		printf("  ima: '%s' would be made, with all keys of marked signers, and pinned\n",
			name);
	else
		printf("  %s: would be added to '%s', which has %d keys\n",
			kernel_rings_word(which), name, kernel_rings_count(which));
}

static void preview(const struct enroll *enroll)
{
	preview_disk(enroll);
	if (enroll->options->root)
		return;
	preview_ring(enroll);
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++)
		if (enroll->trust.marks & kernel_rings_mark(which))
			preview_kernel_ring(enroll->trust.certificate, which);
}

static void report_serials(const struct trust *trust)
{
	printf(", ring %d, key %d", trust->ring, trust->key);
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		key_serial_t key = trust->marks & kernel_rings_mark(which)
					   ? key_in_ring(which, trust->certificate)
					   : 0;
		if (key > 0)
			printf(", %s key %d", kernel_rings_word(which), key);
	}
}

void enroll_report(const struct enroll *enroll)
{
	char algorithm[ALGORITHM_NAME_SIZE] = "", date[DATE_TEXT_SIZE];
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	X509 *certificate = enroll->trust.certificate;
	time_t expiry = 0;

	cert_algorithm(certificate, algorithm, NULL);
	cert_expiry(certificate, &expiry);
	cert_date(expiry, date);
	if (enroll->options->json) {
		report_json(enroll, algorithm, date);
		return;
	}
	if (enroll->made)
		puts("no certificate beside the key: made one from it");
	printf("%s '%s'%s: %s, %.16s, until %s",
		enroll->options->dry_run ? "would enroll" : "enrolled", enroll->signer,
		enroll->trust.marks & ANCHOR_CONTROL ? " as the control signer" : "", algorithm,
		cert_fingerprint(certificate, fingerprint), date);
	if (enroll->others)
		printf(", beside %zu other%s of this signer", enroll->others,
			enroll->others == 1 ? "" : "s");
	if (enroll->options->root)
		printf(", below '%s'", enroll->options->root);
	else if (!enroll->options->dry_run)
		report_serials(&enroll->trust);
	putchar('\n');
	if (enroll->options->dry_run)
		preview(enroll);
}

bool enroll_report_rings(const struct trust_rings *rings)
{
	if (!rings->has_ima)
		return true;
	switch (rings->pin) {
	case IMA_PINNED:
		return true;
	case IMA_NO_RULE:
		log_warning(
			"IMA has not looked for its keyring yet, so that it is not pinned: whoever is appraised first chooses it; load a policy with at least '%s', then bpfsign enroll --all",
			ima_least_rule);
		return true;
	default:
		log_error(
			"IMA uses another keyring '_ima', and nobody can tell whose: these keys do not count for it; reboot, and enroll before anything is appraised");
		return false;
	}
}
