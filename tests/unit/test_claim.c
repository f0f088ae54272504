/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/file.h"
#include "tests/unit/signing.h"

#include "keyring/claim.h"

static const struct claim alice = {
	.role = BS_ROLE_EXECUTABLE,
	.name = "alice",
	.sequence = 0x0102030405060708,
	.digest_algorithm = BS_DIGEST_SHA256,
	.digest_size = BS_DIGEST_SIZE,
	.digest = {0xaa, 0xbb, [31] = 0xcc},
};

static void assert_claims_equal(const struct claim *a, const struct claim *b)
{
	assert_int_equal(a->role, b->role);
	assert_string_equal(a->name, b->name);
	assert_true(a->sequence == b->sequence);
	assert_int_equal(a->digest_algorithm, b->digest_algorithm);
	assert_int_equal(a->digest_size, b->digest_size);
	assert_memory_equal(a->digest, b->digest, sizeof(a->digest));
}

/* The layout of design.md, byte by byte: the kernel side reads it too. */
static void test_encode(void **state)
{
	struct bs_claim encoded;
	uint8_t expected[160] = "bpfsign claim v1";

	expected[16] = BS_ROLE_EXECUTABLE;
	expected[17] = 1;
	expected[18] = 32;
	for (int i = 0; i < 8; i++)
		expected[24 + i] = (uint8_t)(8 - i);
	memcpy(expected + 32, "alice", 5);
	expected[96] = 0xaa;
	expected[97] = 0xbb;
	expected[127] = 0xcc;
	assert_int_equal(claim_encode(&alice, &encoded, NULL), 0);
	assert_memory_equal(&encoded, expected, sizeof(expected));
}

static void test_encode_refuses(void **state)
{
	static const struct {
		const char *message;
		struct claim claim;
	} cases[] = {
		{"role", {.role = BS_ROLE_NONE,
				 .name = "a",
				 .digest_algorithm = 1,
				 .digest_size = 32}},
		{"role", {.role = BS_ROLE_END,
				 .name = "a",
				 .digest_algorithm = 1,
				 .digest_size = 32}},
		{"name", {.role = BS_ROLE_LIBRARY,
				 .name = "",
				 .digest_algorithm = 1,
				 .digest_size = 32}},
		{"name", {.role = BS_ROLE_LIBRARY,
				 .name = "A",
				 .digest_algorithm = 1,
				 .digest_size = 32}},
		{"algorithm", {.role = BS_ROLE_LIBRARY,
				      .name = "a",
				      .digest_algorithm = 2,
				      .digest_size = 64}},
		{"algorithm", {.role = BS_ROLE_ORDER,
				      .name = "stop",
				      .digest_algorithm = 1,
				      .digest_size = 32}},
		{"bytes", {.role = BS_ROLE_LIBRARY,
				  .name = "a",
				  .digest_algorithm = 1,
				  .digest_size = 31}},
		{"bytes", {.role = BS_ROLE_ORDER, .name = "stop", .digest_size = 32}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bs_claim encoded;
		struct diag diag = {0};
		assert_int_equal(claim_encode(&cases[i].claim, &encoded, &diag), -EINVAL);
		assert_non_null(strstr(diag.message, cases[i].message));
	}
}

static struct bytes sign_alice(const struct key *key)
{
	struct bytes bytes = {0};

	assert_int_equal(claim_sign(&alice, key->private_key, key->certificate, &bytes, NULL), 0);
	return bytes;
}

static int parse(const struct bytes *bytes, struct claim *ret, struct diag *reterr)
{
	const uint8_t *signature;
	size_t size;

	return claim_parse(bytes->data, bytes->size, ret, &signature, &size, reterr);
}

/* Verifies bytes against one certificate. */
static int verify(const struct bytes *bytes, X509 *certificate)
{
	const uint8_t *signature;
	struct claim claim;
	size_t size, index = 99;

	int r = claim_parse(bytes->data, bytes->size, &claim, &signature, &size, NULL);
	if (r >= 0)
		r = claim_verify(&claim, signature, size, &certificate, 1, &index, NULL);
	if (r >= 0)
		assert_int_equal(index, 0);
	return r;
}

static void test_sign_and_verify(void **state)
{
	static const char *const algorithms[] = {"rsa2048", "ecdsa-p256", "ecdsa-p384"};

	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		_cleanup_key_ struct key key = {0};
		assert_int_equal(key_generate(algorithms[i], &key.private_key, NULL), 0);
		assert_int_equal(cert_make(key.private_key, "x", 1, &key.certificate, NULL), 0);
		_cleanup_bytes_ struct bytes bytes = sign_alice(&key);
		struct claim claim;
		assert_int_equal(parse(&bytes, &claim, NULL), 0);
		assert_claims_equal(&claim, &alice);
		assert_int_equal(verify(&bytes, key.certificate), 0);
	}
}

static void test_other_keys(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("acme");
	_cleanup_x509_ X509 *again = NULL;
	_cleanup_bytes_ struct bytes bytes = sign_alice(&acme);

	assert_int_equal(verify(&bytes, eve.certificate), -ENOKEY);
	/* Another certificate of the same key: the signature names the key. */
	assert_int_equal(cert_make(acme.private_key, "other", 1, &again, NULL), 0);
	assert_int_equal(verify(&bytes, again), 0);

	X509 *const both[] = {eve.certificate, acme.certificate};
	const uint8_t *signature;
	struct claim claim;
	size_t size, index;
	assert_int_equal(claim_parse(bytes.data, bytes.size, &claim, &signature, &size, NULL), 0);
	assert_int_equal(claim_verify(&claim, signature, size, both, 2, &index, NULL), 0);
	assert_int_equal(index, 1);
	assert_int_equal(claim_verify(&claim, signature, size, both, 0, &index, NULL), -ENOKEY);
}

/* Eve's key under acme's identifier: found, and found out. */
static void test_stolen_identifier(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&acme);

	bytes.data[bytes.size - 3] ^= 1; /* in the ECDSA signature */
	assert_int_equal(verify(&bytes, acme.certificate), -EKEYREJECTED);
}

/* One bit anywhere: never accepted as what was signed. */
static void test_altered(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&acme);

	for (size_t i = 0; i < bytes.size; i++) {
		bytes.data[i] ^= 1;
		if (verify(&bytes, acme.certificate) == 0) {
			/* A bit of the CMS that the signature does not cover. */
			assert_true(i >= sizeof(struct bs_claim));
		}
		bytes.data[i] ^= 1;
	}
	assert_int_equal(verify(&bytes, acme.certificate), 0);
}

static void test_parse_refuses(void **state)
{
	static const struct {
		size_t offset;
		const char *message;
	} cases[] = {{0, "begin"}, {16, "role"}, {17, "algorithm"}, {18, "bytes"}, {19, "bytes"},
		{20, "padding"}, {23, "padding"}, {32, "name"}, {38, "padding"}, {95, "padding"},
		{128, "padding"}, {159, "padding"}, {160, "truncated"}};
	_cleanup_key_ struct key key = make_key("acme");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&key);
	struct claim claim;
	struct diag diag;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bytes.data[cases[i].offset] ^= 0x80;
		assert_int_equal(parse(&bytes, &claim, &diag), -EBADMSG);
		assert_non_null(strstr(diag.message, cases[i].message));
		bytes.data[cases[i].offset] ^= 0x80;
	}
}

static void test_parse_sizes(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&key);
	uint8_t large[sizeof(struct bs_signed_claim) + 1] = {0};
	struct bytes cut = bytes, more = {large, 0};
	struct claim claim;

	for (cut.size = 0; cut.size < bytes.size; cut.size++)
		assert_int_equal(parse(&cut, &claim, NULL), -EBADMSG);
	memcpy(large, bytes.data, bytes.size);
	for (more.size = bytes.size + 1; more.size <= sizeof(large); more.size += 100)
		assert_int_equal(parse(&more, &claim, NULL), -EBADMSG);
}

static void test_order(void **state)
{
	_cleanup_key_ struct key key = make_key("control");
	struct claim order = {.role = BS_ROLE_ORDER,
		.name = "stop",
		.sequence = 7,
		.digest_size = 64,
		.digest = {[63] = 1}};
	_cleanup_bytes_ struct bytes bytes = {0};
	struct claim parsed;

	assert_int_equal(claim_sign(&order, key.private_key, key.certificate, &bytes, NULL), 0);
	assert_int_equal(parse(&bytes, &parsed, NULL), 0);
	assert_claims_equal(&parsed, &order);
	assert_int_equal(verify(&bytes, key.certificate), 0);
}

/* Splits what we sign into the files `claim` and `cms`, as getfattr and dd would. */
static void put_parts(const struct bytes *bytes)
{
	size_t size = sizeof(struct bs_claim);

	assert_int_equal(write_file_atomic("claim", bytes->data, size, 0644), 0);
	assert_int_equal(write_file_atomic("cms", bytes->data + size, bytes->size - size, 0644), 0);
}

static void test_openssl_verifies_ours(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("eve");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&acme);

	put_parts(&bytes);
	put_certificate("acme.crt", acme.certificate);
	put_certificate("eve.crt", eve.certificate);
	assert_true(shell(
		"openssl cms -verify -binary -inform DER -in cms -content claim "
		"-certfile acme.crt -CAfile acme.crt -purpose any -out out && cmp out claim"));
	assert_false(shell("openssl cms -verify -binary -inform DER -in cms -content claim "
			   "-certfile eve.crt -CAfile eve.crt -purpose any"));
	assert_false(shell("printf x >>claim; openssl cms -verify -binary -inform DER -in cms "
			   "-content claim -certfile acme.crt -CAfile acme.crt -purpose any"));
}

static int verify_file(const char *cms, X509 *certificate, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	size_t index;

	assert_int_equal(read_file(cms, 1 << 16, &bytes), 0);
	return claim_verify(&alice, bytes.data, bytes.size, &certificate, 1, &index, reterr);
}

#define OPENSSL_SIGN                                                                               \
	"openssl cms -sign -binary -nosmimecap -in claim -inkey key.pem -signer key.pem -outform DER "

static void test_we_verify_openssls(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	_cleanup_bytes_ struct bytes bytes = sign_alice(&key);
	struct diag diag;

	put_parts(&bytes);
	put_key("key.pem", &key);
	/* By issuer and serial number, then by key identifier. */
	assert_true(shell(OPENSSL_SIGN "-noattr -nocerts -md sha256 -out theirs"));
	assert_int_equal(verify_file("theirs", key.certificate, NULL), 0);
	assert_true(shell(OPENSSL_SIGN "-noattr -nocerts -md sha256 -keyid -out theirs"));
	assert_int_equal(verify_file("theirs", key.certificate, NULL), 0);

	/* Other forms: some would pass in the kernel, none is what we write. */
	assert_true(shell(OPENSSL_SIGN "-nocerts -md sha256 -out attributes"));
	assert_int_equal(verify_file("attributes", key.certificate, &diag), -EBADMSG);
	assert_non_null(strstr(diag.message, "signed attributes"));
	assert_true(shell(OPENSSL_SIGN "-noattr -nocerts -md sha256 -nodetach -out attached"));
	assert_int_equal(verify_file("attached", key.certificate, &diag), -EBADMSG);
	assert_non_null(strstr(diag.message, "carries its content"));
	assert_true(shell(OPENSSL_SIGN "-noattr -nocerts -md sha512 -out sha512"));
	assert_int_equal(verify_file("sha512", key.certificate, &diag), -EBADMSG);
	assert_non_null(strstr(diag.message, "SHA-256"));
	assert_true(shell("openssl cms -data_create -in claim -outform DER -out data"));
	assert_int_equal(verify_file("data", key.certificate, &diag), -EBADMSG);
}

/* A certificate without a key identifier: the signer is named by issuer and serial number. */
static void test_without_identifier(void **state)
{
	_cleanup_key_ struct key key = {0};

	assert_true(
		shell("printf '[req]\\ndistinguished_name=d\\n[d]\\n' >cnf; "
		      "openssl req -config cnf -x509 -newkey rsa:2048 -nodes -subj /CN=old "
		      "-keyout key.pem -out crt.pem -set_serial 0x80ff && cat crt.pem >>key.pem"));
	assert_int_equal(key_load("key.pem", &key, NULL), 0);
	if (X509_get0_subject_key_id(key.certificate))
		skip(); /* this OpenSSL adds one unasked */
	_cleanup_bytes_ struct bytes bytes = sign_alice(&key);
	assert_int_equal(verify(&bytes, key.certificate), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_encode_refuses),
		cmocka_unit_test(test_sign_and_verify),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_stolen_identifier),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_sizes),
		cmocka_unit_test(test_order),
		in_directory(test_openssl_verifies_ours),
		in_directory(test_we_verify_openssls),
		in_directory(test_without_identifier),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
