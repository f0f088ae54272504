/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * OpenSSL's manners in ours: its error queue as a diag, owners for its objects. The
 * commands in src/ never call OpenSSL themselves.
 */

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "src/base/base.h"
#include "src/base/diag.h"

/*
 * Like diag_set(), with ": " and what OpenSSL said first appended; empties its
 * queue, so that one failure is never reported as the cause of the next.
 */
int openssl_diag(struct diag *reterr, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Is there anything in the queue? For calls whose result does not tell failure from end. */
bool openssl_failed(void);

/* Empties the queue after a failure that was expected. */
void openssl_forget(void);

#define SHA256_SIZE 32

/* SHA-256 of bytes in memory; 0, or -EIO. */
int openssl_sha256(const void *data, size_t size, uint8_t ret[SHA256_SIZE]);

#define OPENSSL_OWNER(name, type)                                                                  \
	static inline void name##_freep(type **object)                                             \
	{                                                                                          \
		type##_free(*object);                                                              \
		*object = NULL;                                                                    \
	}
OPENSSL_OWNER(x509, X509)
OPENSSL_OWNER(evp_pkey, EVP_PKEY)
OPENSSL_OWNER(cms, CMS_ContentInfo)
#undef OPENSSL_OWNER

static inline void bio_freep(BIO **bio)
{
	BIO_free_all(*bio);
	*bio = NULL;
}

#define _cleanup_x509_     _cleanup_(x509_freep)
#define _cleanup_evp_pkey_ _cleanup_(evp_pkey_freep)
#define _cleanup_cms_      _cleanup_(cms_freep)
#define _cleanup_bio_      _cleanup_(bio_freep)
