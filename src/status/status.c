/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign status` and `watchbpf status`: the system, the keys and the enforcement on one screen.
 */

#include "src/status/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/kernel_rings.h"
#include "keyring/keyring.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/command/arguments.h"
#include "src/enforcer/enforcer.h"
#include "src/status/probe.h"
#include "src/status/signing.h"

const struct option_spec status_options[] = {
	{"json", 'j', NULL, "as JSON"},
	{0},
};

#define INITRD_FAILED "/run/bpfsign/initrd" /* written by initrd-start */

struct status {
	/* why the enforcement did not begin in the initrd; NULL: it did, or was not to */
	char *initrd_failed;
	bool enforced; /* our hooks answer */
	int joined;    /* 0: the rest of this is known; else -errno */
	struct bs_state state;
	int reads;                     /* 1: reader is known, 0: no process reads, or -errno */
	struct enforcer_reader reader; /* of the records */
	char nonce[2 * BS_NONCE_SIZE + 1];
	char *missing; /* hooks; NULL: none */
	struct anchors anchors;
	struct diag why; /* of joined */
};

static const char *const modes[] = {"starting", "enforce", "observe", "off"};
static const char *const answers[] = {
	[PROBE_YES] = "yes", [PROBE_NO] = "no", [PROBE_UNKNOWN] = "unknown"};

static const char *const initrds[] = {
	[BS_INITRD_NONE] = "no", [BS_INITRD_HERE] = "here", [BS_INITRD_LEFT] = "left"};

static const char *initrd_name(const struct status *status)
{
	uint32_t initrd = status->state.initrd;
	return initrd < ARRAY_SIZE(initrds) ? initrds[initrd] : "unknown";
}

static char *read_initrd_failed(void)
{
	_cleanup_bytes_ struct bytes said = {0};

	if (read_file(INITRD_FAILED, 4096, &said) < 0)
		return NULL;
	return escape_text((const char *)said.data, strcspn((const char *)said.data, "\n"));
}

static void status_read(struct status *status)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;

	status->initrd_failed = read_initrd_failed();
	status->enforced = enforcer_is_alive();
	anchors_load(&status->anchors, NULL);
	if (!status->enforced)
		return;
	status->joined = enforcer_join(&enforcer, &status->why);
	if (status->joined == 0)
		status->joined = enforcer_state(enforcer, &status->state);
	if (status->joined < 0)
		return;
	enforcer_missing(status->state.hooks, &status->missing);
	status->reads = enforcer_reader(enforcer, &status->reader);
	hex_encode(status->state.nonce, BS_NONCE_SIZE, status->nonce);
}

static const char *mode_name(const struct status *status)
{
	uint32_t mode = status->state.mode;
	return mode < ARRAY_SIZE(modes) ? modes[mode] : "unknown";
}

/* Is the anchor's key in the kernel's ring and valid now? */
static enum probe_result anchor_is_usable(const struct anchor *anchor)
{
	key_serial_t ring, key;

	if (geteuid() != 0)
		return PROBE_UNKNOWN;
	int r = keyring_find(anchor->signer, &ring, NULL);
	if (r < 0)
		/* enforced, and we are not signed */
		return r == -ENOENT ? PROBE_NO : PROBE_UNKNOWN;
	return keyring_has(ring, anchor->certificate, &key) > 0 ? PROBE_YES : PROBE_NO;
}

static bool print_probes(const char *title, const struct probe *probe)
{
	bool good = true;

	puts(title);
	for (; probe->name; probe++) {
		char detail[256] = "";
		enum probe_result result = probe->ask(detail, sizeof(detail));
		printf("  %s %-11s %s", status_tick(result), probe->name, probe->question);
		if (detail[0])
			printf(" (%.*s)", (int)strcspn(detail, "\n"), detail);
		putchar('\n');
		if (result != PROBE_YES)
			printf("      cure: %s\n", probe->cure);
		good &= result == PROBE_YES || !probe->needed;
	}
	return good;
}

/* Does the kernel use the ring of IMA that has our keys? */
static enum probe_result ima_is_pinned(void)
{
	int pinned = kernel_rings_ima_is_pinned();
	return pinned > 0 ? PROBE_YES : pinned == 0 ? PROBE_NO : PROBE_UNKNOWN;
}

static void print_signers(const struct anchors *anchors)
{
	puts("signers");
	if (anchors->n == 0)
		puts("  none; cure: bpfsign keygen NAME, then bpfsign enroll NAME.pem");
	for (size_t i = 0; i < anchors->n; i++) {
		const struct anchor *anchor = &anchors->items[i];
		char algorithm[ALGORITHM_NAME_SIZE] = "?", date[DATE_TEXT_SIZE] = "?";
		time_t expiry;
		cert_algorithm(anchor->certificate, algorithm, NULL);
		if (cert_expiry(anchor->certificate, &expiry) == 0)
			cert_date(expiry, date);
		printf("  %s %-10s %s until %s%s\n", status_tick(anchor_is_usable(anchor)),
			anchor->signer, algorithm, date, anchor->control ? ", control" : "");
	}
	if (anchors->n && !anchors_control(anchors))
		puts("      no control signer: what loosens the enforcement needs a reboot");
}

/* The rings that some signer's keys are to be in too. */
static void print_rings(const struct anchors *anchors)
{
	unsigned marks = 0;

	for (size_t i = 0; i < anchors->n; i++)
		marks |= anchors->items[i].marks;
	if (marks & ANCHOR_IMA) {
		enum probe_result pinned = ima_is_pinned();
		printf("  %s IMA's keyring is pinned\n", status_tick(pinned));
		if (pinned == PROBE_NO)
			puts("      cure: bpfsign enroll --all, which says what is missing");
	}
}

/* Does `require: [ima]` have a ground: a keyring of IMA's that is known and guarded? */
static bool ima_is_trusted(const struct status *status)
{
	return status->state.ima == BS_REASON_OK;
}

static const char *ima_sentence(const struct status *status)
{
	switch (status->state.ima) {
	case BS_REASON_OK:
		return "pinned";
	case BS_REASON_EVM:
		return "EVM has keys, which would do for IMA; 'require: [ima]' denies";
	default:
		return "not known, or nobody's of ours; 'require: [ima]' denies";
	}
}

/* Programs that ran before the beginning were not subject to any decision. */
static void print_beginning(const struct status *status)
{
	if (status->state.initrd == BS_INITRD_HERE)
		printf("  %s began in the initrd, not left by PID 1\n", status_tick(PROBE_NO));
	else if (status->state.initrd == BS_INITRD_LEFT)
		printf("  %s began in the initrd: policy and signers are its own\n",
			status_tick(PROBE_YES));
}

static const char *const overlays[] = {
	[BS_OVERLAY_NONE] = "none", [BS_OVERLAY_READ] = "read", [BS_OVERLAY_CHECKED] = "checked"};
static const char *const overlay_sentences[] = {
	[BS_OVERLAY_NONE] =
		"not verified: overlay.ko was not there when it began, or is none that we know",
	[BS_OVERLAY_READ] = "verified, without the kernel's cross-check when they are mapped",
	[BS_OVERLAY_CHECKED] = "verified, with the kernel's cross-check when they are mapped",
};

static uint32_t overlay_index(const struct status *status)
{
	uint32_t overlay = status->state.overlay;
	return overlay < ARRAY_SIZE(overlays) ? overlay : BS_OVERLAY_NONE;
}

/* Without a reader the rings fill, and what finds them full is lost. */
static void print_reader(const struct status *status)
{
	_cleanup_free_ char *text =
		status->reads > 0 ? enforcer_reader_text(&status->reader) : NULL;

	if (status->reads == 0)
		printf("  %s read by no process; cure: start watchbpf.service, or watchbpf --enforce FILE\n",
			status_tick(PROBE_NO));
	else if (!text)
		printf("  %s read by a process that is not known\n", status_tick(PROBE_UNKNOWN));
	else
		printf("  %s read by %s; reader %u since the start\n",
			status_tick(status->reader.stopped ? PROBE_NO : PROBE_YES), text,
			status->reader.number);
}

static void print_enforcement(const struct status *status)
{
	puts("enforcement");
	if (status->initrd_failed)
		printf("  %s did not begin in the initrd: %s\n", status_tick(PROBE_NO),
			status->initrd_failed);
	if (!status->enforced) {
		printf("  %s off; begin with watchbpf --enforce POLICY\n", status_tick(PROBE_NO));
		return;
	}
	if (status->joined < 0) {
		printf("  %s on; no details: %s\n", status_tick(PROBE_UNKNOWN),
			status->why.message);
		return;
	}
	printf("  %s on, mode %s\n", status_tick(PROBE_YES), mode_name(status));
	print_beginning(status);
	printf("      nonce: %s\n", status->nonce);
	if (status->state.adopted)
		printf("  %s foreign programs that --adopt accepted: %u\n", status_tick(PROBE_NO),
			status->state.adopted);
	printf("      keyrings: %s\n",
		status->state.keyring_seal
			? "sealed; no order but 'unseal' changes them"
			: "changed by orders only; 'bpfsign seal' refuses these too");
	printf("  %s IMA's keyring: %s\n",
		status_tick(ima_is_trusted(status) ? PROBE_YES : PROBE_NO), ima_sentence(status));
	printf("  %s files on overlayfs: %s\n",
		status_tick(status->state.overlay == BS_OVERLAY_NONE ? PROBE_NO : PROBE_YES),
		overlay_sentences[overlay_index(status)]);
	printf("  %s hooks: %u%s%s\n", status_tick(status->missing ? PROBE_NO : PROBE_YES),
		status->state.hooks, status->missing ? "; missing: " : ", all in place",
		status->missing ?: "");
	printf("      maps and programs with an owner: %" PRIu64 "\n",
		(uint64_t)status->state.owned);
	print_reader(status);
	printf("      lost records: %" PRIu64 ", of attacks on the enforcement: %" PRIu64 "\n",
		(uint64_t)status->state.lost_records, (uint64_t)status->state.lost_alarms);
	printf("      suppressed records: %" PRIu32 "\n", status->state.suppressed);
}

static bool json_probes(struct json *json, const char *title, const struct probe *probe)
{
	bool good = true;

	json_array_begin(json, title);
	for (; probe->name; probe++) {
		char detail[256] = "";
		enum probe_result result = probe->ask(detail, sizeof(detail));
		json_object_begin(json, NULL);
		json_string(json, "name", probe->name);
		json_string(json, "result", answers[result]);
		json_string(json, "question", probe->question);
		json_text(json, "detail", detail, strcspn(detail, "\n"));
		json_string(json, "cure", result == PROBE_YES ? NULL : probe->cure);
		json_bool(json, "needed", probe->needed);
		json_object_end(json);
		good &= result == PROBE_YES || !probe->needed;
	}
	json_array_end(json);
	return good;
}

static void json_signers(struct json *json, const struct anchors *anchors)
{
	json_array_begin(json, "signers");
	for (size_t i = 0; i < anchors->n; i++) {
		json_object_begin(json, NULL);
		json_string(json, "signer", anchors->items[i].signer);
		json_string(json, "fingerprint", anchors->items[i].fingerprint);
		json_bool(json, "control", anchors->items[i].control);
		json_string(json, "usable", answers[anchor_is_usable(&anchors->items[i])]);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_reader(struct json *json, const struct status *status)
{
	const struct enforcer_reader *reader = &status->reader;

	if (status->reads <= 0) {
		json_null(json, "reader");
		return;
	}
	json_object_begin(json, "reader");
	json_unsigned(json, "pid", reader->pid);
	json_unsigned(json, "number", reader->number);
	json_string(json, "name", reader->name[0] ? reader->name : NULL);
	json_string(json, "unit", reader->unit[0] ? reader->unit : NULL);
	json_bool(json, "stopped", reader->stopped);
	json_object_end(json);
}

static void json_enforcement(struct json *json, const struct status *status)
{
	bool known = status->enforced && status->joined == 0;

	json_object_begin(json, "enforcement");
	json_bool(json, "on", status->enforced);
	json_string(json, "mode", known ? mode_name(status) : NULL);
	json_string(json, "nonce", known ? status->nonce : NULL);
	json_string(json, "initrd", known ? initrd_name(status) : NULL);
	json_string(json, "initrd_failed", status->initrd_failed);
	if (known) {
		json_unsigned(json, "adopted_programs", status->state.adopted);
		json_bool(json, "sealed", status->state.keyring_seal);
		json_bool(json, "ima_pinned", ima_is_trusted(status));
		json_string(json, "overlay", overlays[overlay_index(status)]);
		json_unsigned(json, "hooks", status->state.hooks);
		json_string(json, "missing_hooks", status->missing);
		json_unsigned(json, "lost_records", status->state.lost_records);
		json_unsigned(json, "lost_alarms", status->state.lost_alarms);
		json_unsigned(json, "suppressed_records", status->state.suppressed);
		json_unsigned(json, "owned_objects", status->state.owned);
		json_unsigned(json, "unsettled_files", status->state.tainted);
		json_reader(json, status);
	}
	json_object_end(json);
}

static bool print_json(const struct status *status)
{
	struct json json;

	json_start(&json, stdout);
	json_object_begin(&json, NULL);
	bool good = json_probes(&json, "system", probe_list);
	json_probes(&json, "kernel", probe_kernel_list);
	json_signers(&json, &status->anchors);
	json_string(&json, "ima_pinned", answers[ima_is_pinned()]);
	status_signing_json(&json);
	json_enforcement(&json, status);
	json_object_end(&json);
	json_finish(&json);
	return good;
}

static bool print_text(const struct status *status)
{
	bool good = print_probes("system", probe_list);

	print_probes("kernel", probe_kernel_list);
	print_signers(&status->anchors);
	print_rings(&status->anchors);
	status_signing_text();
	print_enforcement(status);
	return good;
}

int status_run(const struct command *command, int argc, char **argv)
{
	struct status status = {0};
	const char *value;
	bool json = false;
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0)
		json = true;
	int r = arguments_end(option);
	if (r < 0)
		r = arguments_count(command, argc, 0, 0);
	if (r >= 0)
		return r;
	status_read(&status);
	bool good = json ? print_json(&status) : print_text(&status);
	good &= !status.initrd_failed && status_signing_is_good();
	free(status.initrd_failed);
	free(status.missing);
	anchors_done(&status.anchors);
	return good ? EXIT_YES : EXIT_NO;
}
