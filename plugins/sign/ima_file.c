/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * IMA's signature over the whole content, which other tools make and check. Enforcement does not
 * rest on it, since a write beneath a mounted file system passes the verdict that IMA remembers.
 */

#include "plugins/sign/ima_signature.h"

#define FILE_DIGSIG 3 /* EVM_IMA_XATTR_DIGSIG */

static const struct ima_kind kind = {.type = FILE_DIGSIG, .version = 2};

static int sign(const struct sign_request *request, struct bytes *ret, struct diag *reterr)
{
	return ima_signature_sign(&kind, request->digests.content, request, ret, reterr);
}

static int check(const struct bytes *signature, const struct digests *digests,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	return ima_signature_check(
		&kind, signature, digests->content, certificates, n, ret_index, reterr);
}

static int read_signature(const char *path, int fd, struct bytes *ret, struct diag *reterr)
{
	return ima_signature_read(&kind, path, fd, ret, reterr);
}

const struct signer signer_ima_file = {
	.name = "ima-v2",
	.doc = "IMA's signature over the content, in security.ima: for other tools' sake",
	.slot = "security.ima",
	.needs_content = true,
	.sign = sign,
	.check = check,
	.apply = ima_signature_apply,
	.read = read_signature,
};
