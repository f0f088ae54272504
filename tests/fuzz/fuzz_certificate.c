/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Any bytes as a key file. What gives a certificate must give the same one from its own DER, and
 * all that `enroll` and `keys` ask of a certificate must have an answer.
 */

#include "src/base/text.h"
#include "tests/fuzz/seed.h"

static struct bytes seeds[4]; /* key and certificate, certificate PEM and DER, key DER */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	_cleanup_key_ struct key key = seed_key();

	require(key_to_pem(&key, &seeds[0], NULL) == 0 &&
			cert_to_pem(key.certificate, &seeds[1]) == 0 &&
			cert_to_der(key.certificate, &seeds[2]) == 0,
		"no seeds");
	seeds[3] = (struct bytes){(uint8_t *)seed_der, sizeof(seed_der) - 1};
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	return mutate_from(seeds, ARRAY_SIZE(seeds), data, size, limit, seed);
}

static void check_answers(X509 *certificate)
{
	char name[BS_NAME_SIZE] = "", algorithm[ALGORITHM_NAME_SIZE], date[DATE_TEXT_SIZE];
	struct diag diag = {0};
	time_t expiry = 0;

	require(cert_common_name(certificate, name, NULL) < 0 || name_is_valid(name),
		"a signer whose name no claim can hold");
	require(cert_check(certificate, 0, &diag) == 0 || diag.message[0], "refused without words");
	cert_algorithm(certificate, algorithm, NULL);
	cert_expiry(certificate, &expiry);
	cert_date(expiry, date);
}

static void check_round_trip(X509 *certificate)
{
	_cleanup_key_ struct key again = {0};
	_cleanup_bytes_ struct bytes der = {0};
	char before[FINGERPRINT_TEXT_SIZE], after[FINGERPRINT_TEXT_SIZE];

	require(cert_to_der(certificate, &der) == 0, "what was read cannot be written");
	require(key_parse(der.data, der.size, "again", &again, NULL) == 0 && again.certificate,
		"what was written cannot be read");
	require(strcmp(cert_fingerprint(certificate, before),
			cert_fingerprint(again.certificate, after)) == 0,
		"the round trip changed the certificate");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_key_ struct key key = {0};
	struct diag diag = {0};

	int r = key_parse(data, size, "fuzz", &key, &diag);
	if (r < 0) {
		require(diag.message[0], "refused without words");
		return 0;
	}
	require(key.private_key || key.certificate, "nothing was found");
	if (key.certificate) {
		check_answers(key.certificate);
		check_round_trip(key.certificate);
	}
	return 0;
}
