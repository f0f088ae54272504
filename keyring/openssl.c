/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The only place that drains OpenSSL's error queue. */

#include "keyring/openssl.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <string.h>

#include "src/base/base.h"

/* The first error is the cause; the later ones are how it came up the stack. */
static const char *first_reason(void)
{
	unsigned long error = ERR_peek_error();

	if (error == 0)
		return NULL;
	if (ERR_SYSTEM_ERROR(error))
		return strerror(ERR_GET_REASON(error));
	return ERR_reason_error_string(error);
}

int openssl_diag(struct diag *reterr, int r, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	const char *reason = first_reason();
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);

	diag_set(reterr, r, "%s%s%s", text ? text : "out of memory", reason ? ": " : "",
		reason ? reason : "");
	ERR_clear_error();
	return r;
}

bool openssl_failed(void)
{
	return ERR_peek_error() != 0;
}

void openssl_forget(void)
{
	ERR_clear_error();
}

int openssl_sha256(const void *data, size_t size, uint8_t ret[SHA256_SIZE])
{
	if (EVP_Digest(data, size, ret, NULL, EVP_sha256(), NULL) != 1) {
		ERR_clear_error();
		return -EIO;
	}
	return 0;
}
