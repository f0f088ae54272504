/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"
#include "tests/unit/signing.h"

static void test_make(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	char name[BS_NAME_SIZE], fingerprint[FINGERPRINT_TEXT_SIZE], algorithm[ALGORITHM_NAME_SIZE];
	time_t now = time(NULL), expiry, beginning;

	assert_int_equal(cert_common_name(key.certificate, name, NULL), 0);
	assert_string_equal(name, "acme");
	assert_int_equal(cert_algorithm(key.certificate, algorithm, NULL), 0);
	assert_string_equal(algorithm, "ecdsa-p256");
	assert_int_equal(strlen(cert_fingerprint(key.certificate, fingerprint)), 64);
	assert_int_equal(cert_expiry(key.certificate, &expiry), 0);
	assert_in_range(expiry - now, 30 * 86400 - 60, 30 * 86400);
	assert_int_equal(cert_beginning(key.certificate, &beginning), 0);
	assert_in_range(now - beginning + 60, 0, 120);
	assert_int_equal(cert_check(key.certificate, now, NULL), 0);
}

/* What the command line of OpenSSL sees in it. */
static void test_openssl_reads_ours(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");

	put_certificate("crt", key.certificate);
	assert_true(shell("openssl verify -x509_strict -CAfile crt -check_ss_sig crt"));
	assert_true(shell(
		"openssl x509 -in crt -noout -text >text && "
		"grep -q 'Version: 3' text && grep -q 'CA:FALSE' text && "
		"grep -q 'Digital Signature' text && grep -q 'Subject Key Identifier' text && "
		"grep -q 'Subject: CN = acme' text"));

	char fingerprint[FINGERPRINT_TEXT_SIZE];
	_cleanup_free_ char *command =
		format_text("openssl x509 -in crt -outform DER | sha256sum | grep -q %s",
			cert_fingerprint(key.certificate, fingerprint));
	assert_true(shell(command));
}

static void test_expired(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	time_t expiry;
	struct diag diag;

	assert_int_equal(cert_expiry(key.certificate, &expiry), 0);
	assert_int_equal(cert_check(key.certificate, expiry - 1, NULL), 0);
	assert_int_equal(cert_check(key.certificate, expiry, &diag), -EKEYEXPIRED);
	assert_non_null(strstr(diag.message, "expired on"));
	assert_true(diag.hint[0]);
}

static void test_days(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	_cleanup_x509_ X509 *certificate = NULL;
	char date[DATE_TEXT_SIZE];
	time_t expiry;

	assert_int_equal(cert_make(key.private_key, "a", 0, &certificate, NULL), -EINVAL);
	assert_int_equal(
		cert_make(key.private_key, "a", CERT_DAYS_LIMIT + 1, &certificate, NULL), -EINVAL);
	assert_null(certificate);
	/* Beyond 2049 the date has another form in the DER. */
	assert_int_equal(cert_make(key.private_key, "a", CERT_DAYS_LIMIT, &certificate, NULL), 0);
	assert_int_equal(cert_expiry(certificate, &expiry), 0);
	assert_string_not_equal(cert_date(expiry, date), "?");
	assert_string_equal(cert_date(0, date), "1970-01-01");
}

/* Loads what a command line of OpenSSL makes in crt. */
static void load(const char *command, struct key *ret)
{
	assert_true(shell(command));
	assert_int_equal(key_load("crt", ret, NULL), 0);
}

#define MAKE(key, more)                                                                            \
	"openssl req -x509 -nodes -newkey " key " -subj /CN=x -days 9 " more " -keyout key -out crt"

static void test_unusable_algorithms(void **state)
{
	static const struct {
		const char *command, *message;
	} cases[] = {
		{MAKE("rsa:1024", ""), "1024 bits"},
		{MAKE("ec -pkeyopt ec_paramgen_curve:P-521", ""), "secp521r1"},
		{MAKE("ec -pkeyopt ec_paramgen_curve:brainpoolP256r1", ""), "brainpoolP256r1"},
		{MAKE("ed25519", ""), "ED25519"},
		{MAKE("rsa-pss -pkeyopt rsa_keygen_bits:2048", ""), "RSA-PSS"},
		{MAKE("rsa:2048", "-addext keyUsage=keyCertSign"), "key usage"},
		{MAKE("rsa:2048", "-sha1"), "signed by 'sha1WithRSAEncryption'"},
		{MAKE("rsa:2048", "-md5"), "signed by 'md5WithRSAEncryption'"},
		{MAKE("rsa:2048", "-sigopt rsa_padding_mode:pss"), "signed by 'rsassaPss'"},
		{MAKE("ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", ""),
			"spells out its curve"},
		{"openssl dsaparam -genkey -out key 1024; "
		 "openssl req -x509 -key key -subj /CN=x -out crt",
			"DSA"},
		/* The key would do, but an Ed25519 key vouches for it. */
		{"openssl req -x509 -nodes -newkey ed25519 -subj /CN=ca -keyout ca.key -out ca; "
		 "openssl req -nodes -newkey rsa:2048 -subj /CN=x -keyout key -out csr; "
		 "openssl x509 -req -in csr -CA ca -CAkey ca.key -CAcreateserial -out crt",
			"signed by 'ED25519'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_key_ struct key key = {0};
		struct diag diag;
		load(cases[i].command, &key);
		assert_int_equal(cert_check(key.certificate, time(NULL), &diag), -EOPNOTSUPP);
		assert_non_null(strstr(diag.message, cases[i].message));
		assert_true(diag.hint[0]);
	}
}

static void test_usable_algorithms(void **state)
{
	static const struct {
		const char *command, *name;
	} cases[] = {
		{MAKE("rsa:2048", ""), "rsa2048"},
		{MAKE("rsa:3072", "-addext keyUsage=digitalSignature,keyCertSign"), "rsa3072"},
		{MAKE("ec -pkeyopt ec_paramgen_curve:P-256", ""), "ecdsa-p256"},
		{MAKE("ec -pkeyopt ec_paramgen_curve:secp384r1", ""), "ecdsa-p384"},
		{MAKE("rsa:4096", "-sha512"), "rsa4096"},
		{"openssl req -x509 -nodes -newkey rsa:2048 -subj /CN=ca -keyout ca.key -out ca; "
		 "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=x "
		 "-keyout key -out csr; "
		 "openssl x509 -req -in csr -CA ca -CAkey ca.key -sha384 -CAcreateserial -out crt",
			"ecdsa-p256"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_key_ struct key key = {0};
		char name[ALGORITHM_NAME_SIZE];
		load(cases[i].command, &key);
		assert_int_equal(cert_check(key.certificate, time(NULL), NULL), 0);
		assert_int_equal(cert_algorithm(key.certificate, name, NULL), 0);
		assert_string_equal(name, cases[i].name);
	}
}

static void test_common_names(void **state)
{
	static const char *const bad[] = {"/CN=Acme Inc", "/O=acme", "/CN=.. ", "/CN=a b"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_key_ struct key key = {0};
		_cleanup_free_ char *command =
			format_text("openssl req -x509 -nodes -newkey ec -pkeyopt "
				    "ec_paramgen_curve:P-256 -subj '%s' "
				    "-keyout key -out crt",
				bad[i]);
		char name[BS_NAME_SIZE] = "untouched";
		load(command, &key);
		assert_int_equal(cert_common_name(key.certificate, name, NULL), -EINVAL);
		assert_string_equal(name, "untouched");
	}
}

static void test_same_key(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("acme");
	_cleanup_x509_ X509 *again = NULL;

	assert_int_equal(cert_make(acme.private_key, "b", 1, &again, NULL), 0);
	assert_true(cert_same_key(acme.certificate, again));
	assert_false(cert_same_key(acme.certificate, eve.certificate));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		in_directory(test_openssl_reads_ours),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_days),
		in_directory(test_unusable_algorithms),
		in_directory(test_usable_algorithms),
		in_directory(test_common_names),
		cmocka_unit_test(test_same_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
