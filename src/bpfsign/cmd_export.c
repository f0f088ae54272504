/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign export SIGNER`: its certificates as they are enrolled, for other machines and tools. */

#include <string.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"

enum { OPTION_OUTPUT, OPTION_DER, OPTION_FORCE };
const struct option_spec export_options[] = {
	[OPTION_OUTPUT] = {"output", 'o', "FILE", "write there, not to standard output"},
	[OPTION_DER] = {"der", 0, NULL, "DER instead of PEM, of the only certificate"},
	[OPTION_FORCE] = {"force", 'f', NULL, "overwrite a file that exists"},
	{0},
};

struct export
{
	const char *signer, *output;
	bool der, force;
};

static int append(struct bytes *bytes, const struct bytes *more)
{
	uint8_t *grown = realloc(bytes->data, bytes->size + more->size + 1);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + bytes->size, more->data, more->size);
	*bytes = (struct bytes){grown, bytes->size + more->size};
	return 0;
}

static int check_count(const struct export *export, size_t n, struct diag *reterr)
{
	if (n == 0) {
		diag_set(reterr, -ENOENT, "no signer '%s' is enrolled", export->signer);
		diag_hint(reterr, "bpfsign keys");
		return -ENOENT;
	}
	if (export->der && n > 1) {
		diag_set(reterr, -E2BIG, "'%s' has %zu certificates, and DER holds one",
			export->signer, n);
		diag_hint(reterr, "leave --der away");
		return -E2BIG;
	}
	return 0;
}

static int encode(const struct export *export, struct bytes *ret, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	_cleanup_bytes_ struct bytes all = {0};
	size_t n = 0;

	int r = anchors_load(&anchors, reterr);
	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < anchors.n; i++) {
		_cleanup_bytes_ struct bytes one = {0};
		X509 *certificate = anchors.items[i].certificate;
		if (strcmp(anchors.items[i].signer, export->signer) != 0)
			continue;
		n++;
		r = export->der ? cert_to_der(certificate, &one) : cert_to_pem(certificate, &one);
		if (r >= 0)
			r = append(&all, &one);
	}
	if (r < 0)
		return diag_set(reterr, r, "can't encode the certificate: %s", strerror(-r));
	r = check_count(export, n, reterr);
	if (r < 0)
		return r;
	*ret = all;
	all = (struct bytes){0};
	return 0;
}

static int save(const struct export *export, const struct bytes *bytes, struct diag *reterr)
{
	const char *path = export->output;

	if (!path) {
		fwrite(bytes->data, 1, bytes->size, stdout);
		return 0;
	}
	if (!export->force && access(path, F_OK) == 0) {
		diag_set(reterr, -EEXIST, "'%s' exists", path);
		diag_hint(reterr, "choose another --output, or --force to replace it");
		return -EEXIST;
	}
	int r = write_file_atomic(path, bytes->data, bytes->size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r)) : 0;
}

static int parse(struct export *export, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		if (option == OPTION_OUTPUT)
			export->output = argument;
		else if (option == OPTION_DER)
			export->der = true;
		else
			export->force = true;
	int status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 1, 1);
	if (status < 0)
		status = arguments_name(command, "signer", argv[optind]);
	export->signer = argv[optind];
	return status;
}

int cmd_export(const struct command *command, int argc, char **argv)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	struct export export = {0};
	struct diag diag;

	int status = parse(&export, command, argc, argv);
	if (status >= 0)
		return status;
	int r = encode(&export, &bytes, &diag);
	if (r >= 0)
		r = save(&export, &bytes, &diag);
	return r < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}
