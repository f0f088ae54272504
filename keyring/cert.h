/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* X.509 certificates: making one, reading it, checking that the kernel can use it. */

#include <time.h>

#include "bpf/contract/abi.h"
#include "keyring/openssl.h"
#include "src/base/diag.h"

#define FINGERPRINT_TEXT_SIZE (2 * SHA256_SIZE + 1)
#define ALGORITHM_NAME_SIZE   16 /* "ecdsa-p384" */
#define DATE_TEXT_SIZE        16 /* "2036-11-20" */

#define CERT_DAYS_DEFAULT 3652 /* ten years */
#define CERT_DAYS_LIMIT   36524

/*
 * A self-signed certificate for a key: CN=name, valid from now for days, subject key
 * identifier (by which our CMS names the key), keyUsage digitalSignature.
 */
int cert_make(EVP_PKEY *key, const char *name, unsigned days, X509 **ret, struct diag *reterr);

/*
 * "rsa2048", "ecdsa-p256", … of the key, which kernels from 6.12 on can verify: RSA with 2048 to
 * 4096 bits, ECDSA on P-256 and P-384. -EOPNOTSUPP, with the reason, for any other.
 */
int cert_algorithm(X509 *certificate, char ret[ALGORITHM_NAME_SIZE], struct diag *reterr);

/*
 * Can signatures be verified with it? -EOPNOTSUPP for its algorithm, that of its issuer or its key
 * usage, -EKEYEXPIRED when it has expired by now.
 */
int cert_check(X509 *certificate, time_t now, struct diag *reterr);

/* SHA-256 of the DER, lower-case hexadecimal; returns text. -EIO is an empty text. */
char *cert_fingerprint(X509 *certificate, char text[FINGERPRINT_TEXT_SIZE]);

/* The common name, if it may name a signer; else -EINVAL. */
int cert_common_name(X509 *certificate, char ret[BS_NAME_SIZE], struct diag *reterr);

/* notAfter and notBefore, in seconds since the epoch. -EINVAL for a date that is none. */
int cert_expiry(X509 *certificate, time_t *ret);
int cert_beginning(X509 *certificate, time_t *ret);

/* "2036-11-20", or "?"; returns text. */
char *cert_date(time_t when, char text[DATE_TEXT_SIZE]);

/* The last four bytes of the subject key identifier, as IMA names keys; -EINVAL without one. */
int cert_key_id(X509 *certificate, uint8_t ret[4]);

/* One more owner of the same certificate. */
X509 *cert_keep(X509 *certificate);

/* Are both the same certificate, byte by byte? */
bool cert_same(X509 *a, X509 *b);

/* Do both certify the same public key? */
bool cert_same_key(X509 *a, X509 *b);

int cert_to_der(X509 *certificate, struct bytes *ret);
int cert_to_pem(X509 *certificate, struct bytes *ret);
