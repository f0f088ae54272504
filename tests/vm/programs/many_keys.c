/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * many_keys RING N: adds N certificates, each of a key of its own, to the keyring of that serial.
 */

#include "tests/vm/lib/act.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHECK(expression) need(expression, #expression)

static int certificate(int number, unsigned char **der)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();

	CHECK(key && x509 && X509_set_version(x509, X509_VERSION_3));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1000 + number));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(x509), 0) &&
		X509_gmtime_adj(X509_getm_notAfter(x509), 86400));
	CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
		(const unsigned char *)"many", -1, -1, 0));
	CHECK(X509_set_issuer_name(x509, X509_get_subject_name(x509)) &&
		X509_set_pubkey(x509, key));
	CHECK(X509_sign(x509, key, EVP_sha256()));
	int size = i2d_X509(x509, der);
	X509_free(x509);
	EVP_PKEY_free(key);
	return size;
}

int main(int argc, char **argv)
{
	int n = argc == 3 ? atoi(argv[2]) : 0;

	errno = EINVAL;
	need(n > 0, "usage: many_keys RING N");
	for (int i = 0; i < n; i++) {
		unsigned char *der = NULL;
		char name[32];
		int size = certificate(i, &der);
		snprintf(name, sizeof(name), "key %d", i);
		set_up("add_key", syscall(SYS_add_key, "asymmetric", name, der, (size_t)size,
					  (int)strtol(argv[1], NULL, 0)));
		OPENSSL_free(der);
	}
	printf("%d keys\n", n);
	return 0;
}
