/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/file.h"
#include "tests/unit/signing.h"

#include <fcntl.h>

#include "keyring/secret.h"

/* Loads path and expects this errno and, in the message, this word. */
static void refuse(const char *path, int r, const char *word)
{
	struct key key = {0};
	struct diag diag = {0};

	assert_int_equal(key_load(path, &key, &diag), r);
	assert_non_null(strstr(diag.message, word));
	assert_non_null(strstr(diag.message, path));
	assert_null(key.private_key);
	assert_null(key.certificate);
}

static void expect(const char *path, bool has_key, bool has_certificate)
{
	_cleanup_key_ struct key key = {0};

	assert_int_equal(key_load(path, &key, NULL), 0);
	assert_true(has_key == (key.private_key != NULL));
	assert_true(has_certificate == (key.certificate != NULL));
}

static void test_what_a_file_may_hold(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");

	put_key("both.pem", &key);
	put_certificate("crt.pem", key.certificate);
	assert_true(shell(
		"openssl x509 -in crt.pem -outform DER -out crt.der; "
		"openssl pkey -in both.pem -out key.pem; "
		"openssl pkey -in both.pem -outform DER -out key.der; "
		"openssl ec -in both.pem -out sec1.pem; "
		"{ echo comment; cat crt.pem; echo more; cat key.pem; echo end; } >text.pem"));
	expect("both.pem", true, true);
	expect("text.pem", true, true);
	expect("crt.pem", false, true);
	expect("crt.der", false, true);
	expect("key.pem", true, false);
	expect("key.der", true, false);
	expect("sec1.pem", true, false);
}

static void test_refused(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("eve");

	put_key("acme", &acme);
	put_key("eve", &eve);
	put_certificate("acme.crt", acme.certificate);
	assert_true(
		shell("cat acme eve >two; openssl pkey -in eve -out eve.key; "
		      "cat eve.key acme.crt >mismatch; openssl pkey -in eve -pubout -out public; "
		      "openssl x509 -in eve >eve.crt; cat acme.crt eve.crt >chain; "
		      "echo hello >junk; : >empty; head -c 300 acme.crt >cut; "
		      "head -c 2000000 /dev/zero >large; mkdir dir; mkfifo fifo"));
	refuse("two", -EINVAL, "more than one private key");
	refuse("mismatch", -EINVAL, "not the key's");
	refuse("public", -EINVAL, "only a public key");
	refuse("chain", -EINVAL, "2 certificates");
	refuse("junk", -EINVAL, "no key and no certificate");
	refuse("empty", -EINVAL, "no key and no certificate");
	refuse("cut", -EINVAL, "can't read");
	refuse("large", -EFBIG, "too large");
	refuse("dir", -EISDIR, "directory");
	refuse("absent", -ENOENT, "can't open");
	refuse("nosuch:thing", -EINVAL, "can't read");
}

/* The key's own certificate out of a chain. */
static void test_chain_with_key(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("eve"), key = {0};

	put_key("acme", &acme);
	put_certificate("eve.crt", eve.certificate);
	assert_true(shell("cat eve.crt acme >chain"));
	assert_int_equal(key_load("chain", &key, NULL), 0);
	assert_int_equal(X509_cmp(key.certificate, acme.certificate), 0);
}

/* A colon does not make a URI of a file that is there. */
static void test_file_with_colon(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");

	put_certificate("pkcs11:token", acme.certificate);
	expect("pkcs11:token", false, true);
}

/* shell() and these tests run without a terminal on stdin; where /dev/tty opens, skip. */
static void test_encrypted(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");

	if (access("/dev/tty", R_OK) == 0 && shell(": </dev/tty"))
		skip();
	put_key("acme", &acme);
	assert_true(shell("openssl pkcs8 -topk8 -in acme -passout pass:secret -out pkcs8.pem; "
			  "openssl ec -in acme -aes128 -passout pass:secret -out sec1.pem; "
			  "openssl pkcs12 -export -in acme -passout pass:secret -out acme.p12"));
	refuse("pkcs8.pem", -ENOKEY, "encrypted key without a terminal");
	refuse("sec1.pem", -ENOKEY, "encrypted key without a terminal");
	refuse("acme.p12", -ENOKEY, "encrypted key without a terminal");
}

/* Gives these lines to whoever asks for a passphrase, from now on. */
static void answer(const char *lines)
{
	static int fd = -EBADF;

	close_fd(&fd);
	if (!lines) {
		secret_use_fd(-EBADF);
		return;
	}
	assert_int_equal(write_file_atomic("answers", lines, strlen(lines), 0600), 0);
	fd = open_path(AT_FDCWD, "answers", O_RDONLY, 0);
	assert_true(fd >= 0);
	secret_use_fd(fd);
}

static void test_passphrase(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");

	put_key("acme", &acme);
	assert_true(shell(
		"openssl pkcs8 -topk8 -in acme -passout pass:secret -out pkcs8.pem; "
		"openssl pkcs8 -topk8 -in acme -outform DER -passout pass:secret -out pkcs8.der; "
		"openssl ec -in acme -aes128 -passout pass:secret -out sec1.pem; "
		"{ openssl x509 -in acme; cat sec1.pem; } >both.pem; "
		"openssl pkcs12 -export -in acme -passout pass:secret -out acme.p12; "
		"openssl pkcs12 -export -in acme -passout pass: -out open.p12"));
	static const struct {
		const char *path;
		bool certificate;
	} files[] = {{"pkcs8.pem", false}, {"pkcs8.der", false}, {"sec1.pem", false},
		{"both.pem", true}, {"acme.p12", true}};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		answer("secret\n");
		expect(files[i].path, true, files[i].certificate);
		answer("secret");
		expect(files[i].path, true, files[i].certificate);
		answer("wrong\nsecret\n");
		refuse(files[i].path, -ENOKEY, "wrong passphrase");
		answer("");
		refuse(files[i].path, -ENOKEY, "no passphrase was given");
	}
	/* One line for each that is asked for, and none where nothing is encrypted. */
	answer("secret\nsecret\n");
	expect("open.p12", true, true);
	expect("pkcs8.pem", true, false);
	expect("sec1.pem", true, false);
	answer(NULL);
}

static void test_credential(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme");

	put_key("acme", &acme);
	assert_true(
		shell("openssl pkcs8 -topk8 -in acme -passout pass:secret -out enc; mkdir cred; "
		      "echo secret >cred/bpfsign.passphrase"));
	setenv("CREDENTIALS_DIRECTORY", "cred", 1);
	expect("enc", true, false);
	/* The descriptor comes first. */
	answer("wrong\n");
	refuse("enc", -ENOKEY, "wrong passphrase");
	answer(NULL);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_secret_lines(void **state)
{
	char buffer[8];

	answer("1234567\n12345678\n");
	assert_int_equal(secret_ask("x", buffer, sizeof(buffer)), 7);
	assert_string_equal(buffer, "1234567");
	assert_int_equal(secret_ask("x", buffer, sizeof(buffer)), -ENOKEY); /* too long */
	assert_memory_equal(buffer, "\0\0\0\0\0\0\0\0", sizeof(buffer));
	answer("\n");
	assert_int_equal(secret_ask("x", buffer, sizeof(buffer)), 0);
	assert_int_equal(secret_ask("x", buffer, sizeof(buffer)), -ENOKEY);
	answer(NULL);
}

/* Programs that we start must not be able to read it. */
static void test_secret_fd_is_ours(void **state)
{
	_cleanup_close_ int original = open_path(AT_FDCWD, "/dev/null", O_RDONLY, 0);
	_cleanup_close_ int fd = dup(original);

	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	secret_use_fd(fd);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	secret_use_fd(-EBADF);
}

static void test_pin_in_uri(void **state)
{
	struct key key = {0};
	struct diag diag;

	assert_int_equal(
		key_load("pkcs11:token=acme;object=x?pin-value=4711", &key, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "PIN"));
	assert_null(strstr(diag.message, "4711"));
	assert_null(strstr(diag.hint, "4711"));
}

static void test_parse_never_asks(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), parsed = {0};
	_cleanup_bytes_ struct bytes pem = {0};
	struct diag diag;

	put_key("acme", &acme);
	assert_true(shell("openssl pkcs8 -topk8 -in acme -passout pass:secret -out enc"));
	assert_int_equal(read_file("enc", KEY_FILE_LIMIT, &pem), 0);
	answer("secret\n");
	assert_int_equal(key_parse(pem.data, pem.size, "enc", &parsed, &diag), -ENOKEY);
	answer(NULL);
	assert_int_equal(key_parse("", 0, "nothing", &parsed, &diag), -EINVAL);
}

static void test_round_trip(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), loaded = {0};

	put_key("acme", &acme);
	assert_int_equal(key_load("acme", &loaded, NULL), 0);
	assert_int_equal(EVP_PKEY_eq(acme.private_key, loaded.private_key), 1);
	assert_int_equal(X509_cmp(acme.certificate, loaded.certificate), 0);
}

static void test_generate(void **state)
{
	EVP_PKEY *key = NULL;
	struct diag diag;

	assert_int_equal(key_generate("rsa1024", &key, &diag), -EINVAL);
	assert_null(key);
	for (size_t i = 0; key_algorithms[i]; i++) {
		_cleanup_key_ struct key made = {0};
		char name[ALGORITHM_NAME_SIZE];
		if (strcmp(key_algorithms[i], "rsa4096") == 0)
			continue; /* slow */
		assert_int_equal(key_generate(key_algorithms[i], &made.private_key, NULL), 0);
		assert_int_equal(cert_make(made.private_key, "x", 1, &made.certificate, NULL), 0);
		assert_int_equal(cert_algorithm(made.certificate, name, NULL), 0);
		assert_string_equal(name, key_algorithms[i]);
	}
}

static int load_signing(const char *path, const char *certificate, const struct anchors *anchors,
	struct key *ret, enum key_origin *ret_origin)
{
	return key_load_signing(path, certificate, anchors, ret, ret_origin, NULL);
}

/* Where the certificate of a signing key comes from, best first. */
static void test_signing_certificate(void **state)
{
	_cleanup_key_ struct key acme = make_key("acme"), eve = make_key("eve");
	struct anchor anchor = {.certificate = acme.certificate};
	const struct anchors none = {0}, one = {&anchor, 1};
	enum key_origin origin;

	put_key("acme", &acme);
	put_certificate("acme.crt", acme.certificate);
	put_certificate("eve.crt", eve.certificate);
	assert_true(shell("openssl pkey -in acme -out key"));

	_cleanup_key_ struct key a = {0}, b = {0}, c = {0}, d = {0}, e = {0};
	assert_int_equal(load_signing("acme", NULL, &none, &a, &origin), 0);
	assert_int_equal(origin, KEY_FROM_FILE);
	assert_int_equal(load_signing("key", "acme.crt", &none, &b, &origin), 0);
	assert_int_equal(origin, KEY_FROM_FILE);
	assert_int_equal(load_signing("key", NULL, &one, &c, &origin), 0);
	assert_int_equal(origin, KEY_FROM_ANCHOR);
	assert_int_equal(X509_cmp(c.certificate, acme.certificate), 0);
	assert_int_equal(load_signing("key", NULL, &none, &d, &origin), 0);
	assert_int_equal(origin, KEY_MADE);
	assert_true(cert_same_key(d.certificate, acme.certificate));

	assert_int_equal(load_signing("key", "eve.crt", &none, &e, &origin), -EINVAL);
	assert_int_equal(load_signing("acme.crt", NULL, &none, &e, &origin), -EINVAL);
}

static void test_copy(void **state)
{
	_cleanup_key_ struct key key = make_key("acme"), none = {0};
	EVP_PKEY *copy = key_copy(&key);

	assert_non_null(copy);
	assert_ptr_not_equal(copy, key.private_key);
	assert_int_equal(EVP_PKEY_eq(copy, key.private_key), 1);
	assert_false(key_is_token(&key));
	key_free_copy(copy);
	key_free_copy(none.private_key);
	assert_int_equal(X509_check_private_key(key.certificate, key.private_key), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		in_directory(test_what_a_file_may_hold),
		in_directory(test_refused),
		in_directory(test_chain_with_key),
		in_directory(test_file_with_colon),
		in_directory(test_encrypted),
		in_directory(test_passphrase),
		in_directory(test_credential),
		in_directory(test_secret_lines),
		cmocka_unit_test(test_secret_fd_is_ours),
		cmocka_unit_test(test_pin_in_uri),
		in_directory(test_parse_never_asks),
		in_directory(test_round_trip),
		cmocka_unit_test(test_generate),
		in_directory(test_signing_certificate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
