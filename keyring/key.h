/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Private keys and their certificates in the same file. Everything is read through
 * OSSL_STORE, so that a file, a token (pkcs11:…) and a TPM handle come by one road.
 */

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/openssl.h"
#include "src/base/base.h"
#include "src/base/diag.h"

#define KEY_FILE_LIMIT (1 << 20) /* bytes; more is no key file */

/* A private key, a certificate, or both; where both are set they belong together. */
struct key {
	EVP_PKEY *private_key; /* owned; OpenSSL zeroes it when it is freed */
	X509 *certificate;     /* owned */
};

void key_done(struct key *key); /* safe on { 0 } */
#define _cleanup_key_ _cleanup_(key_done)

/* Frees the private key and leaves the certificate: no secret is needed from here on. */
void key_drop_private(struct key *key);

/*
 * Loads from uri: a file (PEM, DER, PKCS #12), or a URI that a provider knows. A passphrase
 * is asked for on a terminal only; -ENOKEY for an encrypted key without one or with a wrong
 * one. -EINVAL for a file that holds neither key nor certificate, more than one key,
 * several certificates and no key, or a certificate that is not the key's.
 */
int key_load(const char *uri, struct key *ret, struct diag *reterr);

/* The same from memory, never asking for a passphrase; label is for messages. */
int key_parse(
	const void *data, size_t size, const char *label, struct key *ret, struct diag *reterr);

/*
 * Is it anywhere else than in this process's memory: on a token that may not like several
 * callers?
 */
bool key_is_token(const struct key *key);

/*
 * The private key once more, for a thread of its own: those that share one wait for each other. One
 * more owner of the same where it cannot be copied. Free it with key_free_copy(), which zeroes it.
 */
EVP_PKEY *key_copy(const struct key *key);
void key_free_copy(EVP_PKEY *copy);

/* How the certificate of a signing key was found. */
enum key_origin {
	KEY_FROM_FILE,   /* beside the key, or in the file that was named */
	KEY_FROM_ANCHOR, /* enrolled: an anchor has the same public key */
	KEY_MADE,        /* made from the key just now */
};

/*
 * A private key to sign with and its certificate: from certificate_path where that is not NULL,
 * else from beside the key, else an enrolled one of the same public key, else made (self-signed).
 * -EINVAL without a private key, and the errors of cert_check().
 */
int key_load_signing(const char *uri, const char *certificate_path, const struct anchors *anchors,
	struct key *ret, enum key_origin *ret_origin, struct diag *reterr);

/* "rsa2048", …: the algorithms of key_generate(); ends with NULL. The first is the default. */
extern const char *const key_algorithms[];

/* -EINVAL for an algorithm that is not in key_algorithms[]. */
int key_generate(const char *algorithm, EVP_PKEY **ret, struct diag *reterr);

/* PEM of the private key (PKCS #8) and of the certificate; erase it with bytes_erase(). */
int key_to_pem(const struct key *key, struct bytes *ret, struct diag *reterr);

/*
 * The key's signature over a SHA-256 digest that was made before: PKCS #1 v1.5 or ECDSA in DER.
 * -EIO.
 */
int key_sign_digest(
	EVP_PKEY *key, const uint8_t digest[SHA256_SIZE], struct bytes *ret, struct diag *reterr);
