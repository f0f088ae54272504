/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <openssl/x509.h>

/*
 * How the kernel finds the key of a signature (crypto/asymmetric_keys/x509_public_key.c), as
 * keyctl_search() takes it: by the subject key identifier or, without one, by serial number and
 * issuer, both as in the DER. Heap, or NULL.
 */
char *key_id_query(X509 *certificate);
