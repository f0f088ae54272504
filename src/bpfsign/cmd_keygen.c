/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign keygen NAME`: NAME.pem with key and certificate, NAME.crt with the certificate alone. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "keyring/key.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"

enum { OPTION_ALGORITHM, OPTION_DAYS, OPTION_OUTPUT, OPTION_FORCE, OPTION_DRY_RUN };
const struct option_spec keygen_options[] = {
	[OPTION_ALGORITHM] = {"algorithm", 'a', "NAME",
		"rsa2048 (default), rsa3072, rsa4096, ecdsa-p256, ecdsa-p384"},
	[OPTION_DAYS] = {"days", 0, "N", "how long the certificate is valid (default 3652)"},
	[OPTION_OUTPUT] = {"output", 'o', "PREFIX", "write PREFIX.pem and PREFIX.crt"},
	[OPTION_FORCE] = {"force", 'f', NULL, "overwrite files that exist"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be written"},
	{0},
};

struct keygen {
	const char *name, *algorithm, *prefix;
	uint64_t days;
	bool force, dry_run;
	char *key_path, *certificate_path; /* owned */
};

static void keygen_done(struct keygen *keygen)
{
	free(keygen->key_path);
	free(keygen->certificate_path);
}

static int set_algorithm(const struct command *command, const char *text, const char **ret)
{
	size_t n = 0;

	for (; key_algorithms[n]; n++)
		if (strcmp(key_algorithms[n], text) == 0) {
			*ret = text;
			return -1;
		}
	const char *nearest = nearest_word(text, key_algorithms, n);
	if (nearest)
		return command_usage(
			command, "unknown algorithm '%s'; did you mean '%s'?", text, nearest);
	return command_usage(command, "unknown algorithm '%s'", text);
}

static int set_option(
	struct keygen *keygen, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_ALGORITHM:
		return set_algorithm(command, argument, &keygen->algorithm);
	case OPTION_DAYS:
		return arguments_number(command, "days", argument, CERT_DAYS_LIMIT, &keygen->days);
	case OPTION_OUTPUT:
		keygen->prefix = argument;
		return -1;
	case OPTION_FORCE:
		keygen->force = true;
		return -1;
	default:
		keygen->dry_run = true;
		return -1;
	}
}

static int parse(struct keygen *keygen, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(keygen, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 1, 1);
	if (status < 0)
		status = arguments_name(command, "signer", argv[optind]);
	if (status >= 0)
		return status;
	keygen->name = argv[optind];
	if (!keygen->prefix)
		keygen->prefix = keygen->name;
	return -1;
}

/* Both paths, before there is a key that could not be kept. */
static int check_paths(struct keygen *keygen, struct diag *reterr)
{
	keygen->key_path = format_text("%s.pem", keygen->prefix);
	keygen->certificate_path = format_text("%s.crt", keygen->prefix);
	if (!keygen->key_path || !keygen->certificate_path)
		return diag_set(reterr, -ENOMEM, "out of memory");

	const char *paths[] = {keygen->key_path, keygen->certificate_path};
	for (size_t i = 0; !keygen->force && i < ARRAY_SIZE(paths); i++) {
		struct stat st;
		if (lstat(paths[i], &st) < 0)
			continue;
		diag_set(reterr, -EEXIST, "'%s' exists", paths[i]);
		diag_hint(reterr, "choose another --output, or --force to replace it");
		return -EEXIST;
	}
	return 0;
}

static int make(const struct keygen *keygen, struct key *ret, struct diag *reterr)
{
	_cleanup_key_ struct key key = {0};

	int r = key_generate(keygen->algorithm, &key.private_key, reterr);
	if (r >= 0)
		r = cert_make(key.private_key, keygen->name, (unsigned)keygen->days,
			&key.certificate, reterr);
	if (r < 0)
		return r;
	*ret = key;
	key = (struct key){0};
	return 0;
}

static int save(const struct keygen *keygen, const struct key *key, struct diag *reterr)
{
	_cleanup_(bytes_erase) struct bytes secret = {0};
	_cleanup_bytes_ struct bytes public = {0};

	int r = key_to_pem(key, &secret, reterr);
	if (r < 0)
		return r;
	r = cert_to_pem(key->certificate, &public);
	if (r < 0)
		return diag_set(reterr, r, "can't encode the certificate");

	const char *path = keygen->key_path;
	r = write_file_atomic(path, secret.data, secret.size, 0600);
	if (r >= 0) {
		path = keygen->certificate_path;
		r = write_file_atomic(path, public.data, public.size, 0644);
	}
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r)) : 0;
}

static void preview(const struct keygen *keygen)
{
	_cleanup_free_ char *prefix = escape_text(keygen->prefix, strlen(keygen->prefix));

	printf("would write '%s.pem' and '%s.crt'\n", prefix ? prefix : "?", prefix ? prefix : "?");
}

static void report(const struct keygen *keygen, X509 *certificate)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE], date[DATE_TEXT_SIZE];
	time_t expiry = 0;
	_cleanup_free_ char *key = escape_text(keygen->key_path, strlen(keygen->key_path));
	_cleanup_free_ char *crt =
		escape_text(keygen->certificate_path, strlen(keygen->certificate_path));

	if (!key || !crt)
		return;
	cert_expiry(certificate, &expiry);
	printf("%s: private key (%s) and certificate; whoever has it can sign\n", key,
		keygen->algorithm);
	printf("%s: certificate of '%s', valid until %s\n", crt, keygen->name,
		cert_date(expiry, date));
	printf("fingerprint: %s\n", cert_fingerprint(certificate, fingerprint));
	printf("next: bpfsign enroll %s\n      bpfsign sign --key %s FILE\n", crt, key);
}

int cmd_keygen(const struct command *command, int argc, char **argv)
{
	_cleanup_(keygen_done) struct keygen keygen = {
		.algorithm = key_algorithms[0], .days = CERT_DAYS_DEFAULT};
	_cleanup_key_ struct key key = {0};
	struct diag diag;

	int status = parse(&keygen, command, argc, argv);
	if (status >= 0)
		return status;
	if (keygen.days == 0)
		return command_usage(command, "--days '0' leaves nothing to use");
	int r = check_paths(&keygen, &diag);
	if (r >= 0 && keygen.dry_run) {
		preview(&keygen);
		return EXIT_YES;
	}
	if (r >= 0)
		r = make(&keygen, &key, &diag);
	if (r >= 0)
		r = save(&keygen, &key, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	report(&keygen, key.certificate);
	return EXIT_YES;
}
