/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign order VERB`: an order that loosens the enforcement, signed on any machine. */

#include <string.h>
#include <time.h>

#include "keyring/anchors.h"
#include "keyring/key.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/bpfsign/order_show.h"
#include "src/command/arguments.h"
#include "src/trust/order.h"

enum {
	OPTION_KEY,
	OPTION_CERTIFICATE,
	OPTION_NONCE,
	OPTION_COUNTER,
	OPTION_OUTPUT,
	OPTION_DRY_RUN,
	OPTION_JSON
};
const struct option_spec order_options[] = {
	[OPTION_KEY] = {"key", 'k', "KEY", "the control signer's private key: a file, or a URI"},
	[OPTION_CERTIFICATE] = {"certificate", 'c', "FILE", "its certificate, if not beside it"},
	[OPTION_NONCE] = {"nonce", 0, "HEX", "of the start it is for; 'watchbpf status' shows it"},
	[OPTION_COUNTER] = {"counter", 0, "N", "above the last one's (default: µs since 1970)"},
	[OPTION_OUTPUT] = {"output", 'o', "FILE", "where to write it (default: VERB.order)"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "make it, write nothing"},
	[OPTION_JSON] = {"json", 0, NULL, "show: print an object"},
	{0},
};

struct options {
	const char *key_uri, *certificate_path, *nonce, *output;
	uint64_t counter;
	bool dry_run, json;
};

static uint64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int set_option(
	struct options *options, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_KEY:
		options->key_uri = argument;
		return -1;
	case OPTION_CERTIFICATE:
		options->certificate_path = argument;
		return -1;
	case OPTION_NONCE:
		options->nonce = argument;
		return -1;
	case OPTION_COUNTER:
		return arguments_number(
			command, "counter", argument, UINT64_MAX, &options->counter);
	case OPTION_OUTPUT:
		options->output = argument;
		return -1;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return -1;
	default:
		options->json = true;
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
	return status < 0 ? arguments_count(command, argc, 1, 2) : status;
}

static int unknown_verb(const struct command *command, const char *verb)
{
	const char *names[ORDER_VERBS_LIMIT + 1];
	size_t n = 0;

	for (; order_verbs[n].name; n++)
		names[n] = order_verbs[n].name;
	names[n++] = "show";
	const char *nearest = nearest_word(verb, names, n);
	if (nearest)
		return command_usage(
			command, "unknown verb '%s'; did you mean '%s'?", verb, nearest);
	return command_usage(command,
		"unknown verb '%s' (stop, observe, enforce, policy, enroll, unenroll, unseal)",
		verb);
}

/* Does the command line have all that a new order needs? -1, or EXIT_USAGE. */
static int check(const struct options *options, const struct command *command,
	const struct order_verb *verb, const char *argument)
{
	if (verb->argument && !argument)
		return command_usage(command, "'%s' needs a %s", verb->name, verb->argument);
	if (!verb->argument && argument)
		return command_usage(command, "'%s' takes no argument", verb->name);
	if (!options->nonce)
		return command_usage(command, "--nonce is missing; 'watchbpf status' shows it");
	if (!options->key_uri)
		return command_usage(command, "--key is missing");
	return -1;
}

static int sign(const struct options *options, const struct claim *order, struct bytes *ret,
	struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	_cleanup_key_ struct key key = {0};
	enum key_origin origin;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = key_load_signing(options->key_uri, options->certificate_path, &anchors, &key,
			&origin, reterr);
	if (r < 0)
		return r;
	return claim_sign(order, key.private_key, key.certificate, ret, reterr);
}

static int save(const struct options *options, const char *verb, const struct bytes *bytes,
	struct diag *reterr)
{
	_cleanup_free_ char *path =
		options->output ? strdup(options->output) : format_text("%s.order", verb);
	_cleanup_free_ char *escaped = path ? escape_text(path, strlen(path)) : NULL;

	if (!escaped)
		return diag_set(reterr, -ENOMEM, "out of memory");
	if (options->dry_run) {
		printf("would write '%s'\n", escaped);
		return 0;
	}
	int r = write_file_atomic(path, bytes->data, bytes->size, 0644);
	if (r < 0)
		return diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r));
	printf("%s: order '%s'\n", escaped, verb);
	return 0;
}

static int make(const struct options *options, const struct order_verb *verb, const char *argument,
	const uint8_t nonce[BS_NONCE_SIZE])
{
	_cleanup_bytes_ struct bytes bytes = {0};
	struct claim order;
	struct diag diag;

	int r = order_make(verb, argument, options->counter, nonce, &order, &diag);
	if (r >= 0)
		r = sign(options, &order, &bytes, &diag);
	if (r >= 0)
		r = save(options, verb->name, &bytes, &diag);
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}

int cmd_order(const struct command *command, int argc, char **argv)
{
	struct options options = {.counter = microseconds()};
	uint8_t nonce[BS_NONCE_SIZE];

	int status = parse(&options, command, argc, argv);
	if (status >= 0)
		return status;
	const char *name = argv[optind], *argument = argv[optind + 1];
	if (strcmp(name, "show") == 0)
		return argument ? order_show(argument, options.json)
				: command_usage(command, "'show' needs a FILE");

	const struct order_verb *verb = order_verb_find(name);
	if (!verb)
		return unknown_verb(command, name);
	status = check(&options, command, verb, argument);
	if (status >= 0)
		return status;
	if (hex_decode(options.nonce, nonce, sizeof(nonce)) < 0)
		return command_usage(
			command, "--nonce is not %d hexadecimal digits", 2 * BS_NONCE_SIZE);
	return make(&options, verb, argument, nonce);
}
