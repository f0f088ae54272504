/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel's identifiers of a certificate's key. Knows OpenSSL; touches no ring. */

#include "keyring/key_id.h"

#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"

/* "ex:" and an exact key identifier in hexadecimal: a and b, one after the other. */
static char *exact_query(const void *a, size_t a_size, const void *b, size_t b_size)
{
	static const char kind[] = "ex:";
	size_t start = sizeof(kind) - 1;
	char *query = malloc(start + 2 * (a_size + b_size) + 1);

	if (!query)
		return NULL;
	memcpy(query, kind, start);
	hex_encode(a, a_size, query + start);
	hex_encode(b, b_size, query + start + 2 * a_size);
	return query;
}

/* The content of a DER element, without tag and length; data moves there. Shorter than 64 KiB. */
static size_t skip_header(const uint8_t **data, size_t size)
{
	size_t header = 2;

	if (size >= 2 && (*data)[1] & 0x80)
		header += (*data)[1] & 0x7f;
	if (size < header)
		return 0;
	*data += header;
	return size - header;
}

char *key_id_query(X509 *certificate)
{
	const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
	if (identifier)
		return exact_query(ASN1_STRING_get0_data(identifier),
			(size_t)ASN1_STRING_length(identifier), "", 0);

	const ASN1_INTEGER *number = X509_get0_serialNumber(certificate);
	uint8_t der[64], *end = der;
	const uint8_t *serial = der, *issuer;
	size_t issuer_size;
	int size = i2d_ASN1_INTEGER(number, NULL);
	if (size < 0 || (size_t)size > sizeof(der) ||
		X509_NAME_get0_der(X509_get_issuer_name(certificate), &issuer, &issuer_size) != 1)
		return NULL;
	i2d_ASN1_INTEGER(number, &end);
	size_t serial_size = skip_header(&serial, (size_t)size);
	issuer_size = skip_header(&issuer, issuer_size);
	return exact_query(serial, serial_size, issuer, issuer_size);
}
