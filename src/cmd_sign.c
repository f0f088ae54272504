/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign sign FILE…`: from options and content to a claim, file by file. */

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "arguments.h"
#include "cmd.h"
#include "keyring/anchors.h"
#include "keyring/key.h"
#include "log.h"
#include "names.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "role.h"
#include "util.h"

enum {
	OPTION_KEY,
	OPTION_CERTIFICATE,
	OPTION_NAME,
	OPTION_ROLE,
	OPTION_SEQUENCE,
	OPTION_FORCE,
	OPTION_DRY_RUN
};
const struct option_spec sign_options[] = {
	[OPTION_KEY] = {"key", 'k', "KEY", "the private key: a file, or a URI (pkcs11:…)"},
	[OPTION_CERTIFICATE] = {"certificate", 'c', "FILE", "its certificate, if not beside it"},
	[OPTION_NAME] = {"name", 0, "NAME", "the program's name (default: the file's)"},
	[OPTION_ROLE] = {"role", 0, "ROLE",
		"executable, library, collateral or policy (default: by content)"},
	[OPTION_SEQUENCE] = {"sequence", 0, "N", "its version (default: seconds since 1970)"},
	[OPTION_FORCE] = {"force", 'f', NULL, "sign again what is rightly signed"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be signed"},
	{0},
};

struct sign {
	const char *key_uri, *certificate_path, *name;
	enum bs_role role; /* BS_ROLE_NONE: by content */
	bool has_sequence, force, dry_run;
	uint64_t sequence;
	struct key key;
};

static void sign_done(struct sign *sign)
{
	key_done(&sign->key);
}

static int set_role(const struct command *command, const char *text, enum bs_role *ret)
{
	int role = role_find(text);

	if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
		return command_usage(command,
			"--role '%s' is not executable, library, collateral or policy", text);
	*ret = (enum bs_role)role;
	return -1;
}

static int set_name(const struct command *command, const char *text, const char **ret)
{
	*ret = text;
	return name_is_valid(text) ? -1
				   : command_usage(command,
					     "--name '%s' is not a name ([a-z0-9._-]{1,63})", text);
}

static int set_option(
	struct sign *sign, const struct command *command, int option, const char *argument)
{
	switch (option) {
	case OPTION_KEY:
		sign->key_uri = argument;
		return -1;
	case OPTION_CERTIFICATE:
		sign->certificate_path = argument;
		return -1;
	case OPTION_NAME:
		return set_name(command, argument, &sign->name);
	case OPTION_ROLE:
		return set_role(command, argument, &sign->role);
	case OPTION_SEQUENCE:
		sign->has_sequence = true;
		return argument_number(command, "sequence", argument, UINT64_MAX, &sign->sequence);
	case OPTION_FORCE:
		sign->force = true;
		return -1;
	default:
		sign->dry_run = true;
		return -1;
	}
}

static int parse(struct sign *sign, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0)
		status = set_option(sign, command, option, argument);
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 1, argc);
	if (status < 0 && !sign->key_uri)
		status = command_usage(command, "--key is missing");
	return status;
}

static int load_key(struct sign *sign, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	enum key_origin origin;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = key_load_signing(sign->key_uri, sign->certificate_path, &anchors, &sign->key,
			&origin, reterr);
	if (r >= 0 && origin == KEY_MADE)
		log_warning("the key is not enrolled here and has no certificate beside it");
	return r;
}

/* The basename, if it may name a program. */
static int default_name(const char *path, char ret[BS_NAME_SIZE], struct diag *reterr)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (!name_is_valid(name)) {
		diag_set(reterr, -EINVAL, "'%s': '%s' cannot name a program ([a-z0-9._-]{1,63})",
			path, name);
		diag_hint(reterr, "choose one with --name");
		return -EINVAL;
	}
	snprintf(ret, BS_NAME_SIZE, "%s", name);
	return 0;
}

static int open_file(const char *path, int *ret_fd, struct diag *reterr)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO must not hang us; a regular file does not mind. */
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", path, strerror(-fd));
	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr, -EINVAL, "'%s' is not a regular file", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int fill_claim(const struct sign *sign, const char *path, int fd, struct claim *ret,
	bool *ret_sealed, struct diag *reterr)
{
	struct claim claim = {
		.role = sign->role,
		.sequence = sign->has_sequence ? sign->sequence : (uint64_t)time(NULL),
		.digest_algorithm = BS_DIGEST_SHA256,
		.digest_size = BS_DIGEST_SIZE,
	};
	int r = 0;

	if (sign->name)
		snprintf(claim.name, sizeof(claim.name), "%s", sign->name);
	else
		r = default_name(path, claim.name, reterr);
	if (r < 0)
		return r;
	r = claim.role == BS_ROLE_NONE ? role_guess(fd, &claim.role) : 0;
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	r = verity_digest(fd, claim.digest, ret_sealed, reterr);
	if (r < 0) {
		diag_at(reterr, path, 0, 0);
		return r;
	}
	*ret = claim;
	return 0;
}

static void report(const char *path, const char *done, const struct claim *claim)
{
	_cleanup_free_ char *escaped = escape_text(path, strlen(path));

	printf("%s: %s as %s, %s, sequence %" PRIu64 "\n", escaped ? escaped : "?", done,
		claim->name, role_name(claim->role), claim->sequence);
}

/*
 * A settled cache is what makes it usable at once; without it, it is signed all the same. A file
 * that was sealed before is not worth a warning: its pages are most likely verified ones.
 */
static void settle(const char *path, bool was_sealed)
{
	struct diag diag;

	if (verity_settle(path, &diag) < 0 && !was_sealed) {
		log_warning("signed, but not usable until it has left the memory:");
		diag_print(&diag);
	}
}

static int sign_file(const struct sign *sign, const char *path, struct diag *reterr)
{
	_cleanup_close_ int fd = -EBADF;
	struct claim present;
	bool sealed = false;

	int r = open_file(path, &fd, reterr);
	if (r < 0)
		return r;
	struct sign_request request = {.path = path,
		.fd = fd,
		.key = sign->key.private_key,
		.certificate = sign->key.certificate};
	r = fill_claim(sign, path, fd, &request.claim, &sealed, reterr);
	if (r < 0)
		return r;

	if (!sign->force && signer_is_current(&signer_claim, &request, &present) &&
		(!sign->has_sequence || present.sequence == sign->sequence)) {
		report(path, "already signed", &present);
		return 0;
	}
	if (sign->dry_run) {
		report(path, "would be signed", &request.claim);
		return 0;
	}
	r = signer_run(&signer_claim, &request, reterr);
	if (r < 0)
		return r;
	report(path, "signed", &request.claim);
	if (request.claim.role != BS_ROLE_POLICY)
		settle(path, sealed);
	return 0;
}

int cmd_sign(const struct command *command, int argc, char **argv)
{
	_cleanup_(sign_done) struct sign sign = {0};
	struct diag diag;

	int status = parse(&sign, command, argc, argv);
	if (status >= 0)
		return status;
	int r = load_key(&sign, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);

	status = EXIT_YES;
	for (int i = optind; i < argc; i++)
		if (sign_file(&sign, argv[i], &diag) < 0) {
			diag_print(&diag);
			status = EXIT_UNKNOWN;
		}
	return status;
}
