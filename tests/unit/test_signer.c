/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The routes against tools that we did not write, in both directions. Of IMA's signature over the
 * fs-verity digest that is OpenSSL: evmctl of Debian 12 (1.4) does not know the kind. That kernels
 * take what comes out is in tests/vm/cases.
 */

#include "src/base/file.h"
#include "src/base/text.h"
#include "tests/unit/signing.h"

#include <fcntl.h>

#include "plugins/sign/content.h"
#include "plugins/sign/signer.h"

static const char content[] = "what is signed\n";

static const struct signer *signer(const char *name)
{
	int place = signer_find(name);

	assert_true(place >= 0);
	return signers[place];
}

/*
 * The file `file` and a request about it; the key is on disk too, as key.pem, cert.pem and
 * cert.der.
 */
static struct sign_request make_request(const char *algorithm, struct key *key)
{
	struct sign_request request = {.path = "file",
		.claim = {.role = BS_ROLE_EXECUTABLE,
			.name = "alice",
			.digest_algorithm = BS_DIGEST_SHA256,
			.digest_size = BS_DIGEST_SIZE},
		.routes = (1U << SIGNERS) - 1};
	bool sealed;

	assert_int_equal(key_generate(algorithm, &key->private_key, NULL), 0);
	assert_int_equal(cert_make(key->private_key, "acme", 30, &key->certificate, NULL), 0);
	put_key("key.pem", key);
	put_certificate("cert.pem", key->certificate);
	assert_true(shell("openssl x509 -in cert.pem -outform DER -out cert.der && "
			  "openssl x509 -in cert.pem -noout -pubkey >public.pem"));
	assert_int_equal(write_file_atomic("file", content, strlen(content), 0644), 0);
	request.fd = open_path(AT_FDCWD, "file", O_RDONLY, 0);
	assert_true(request.fd >= 0);
	request.key = key->private_key;
	request.certificate = key->certificate;
	assert_int_equal(
		signer_digests(request.fd, request.routes, &request.digests, &sealed, NULL), 0);
	memcpy(request.claim.digest, request.digests.verity, BS_DIGEST_SIZE);
	return request;
}

static void put_signature(
	const char *route, const struct sign_request *request, size_t skip, const char *path)
{
	_cleanup_bytes_ struct bytes made = {0};

	assert_int_equal(signer(route)->sign(request, &made, NULL), 0);
	assert_true(made.size > skip);
	assert_int_equal(write_file_atomic(path, made.data + skip, made.size - skip, 0644), 0);
}

/* Does a file made by another tool pass our check? */
static int check_file(
	const char *route, const struct sign_request *request, const char *path, struct diag *diag)
{
	_cleanup_bytes_ struct bytes made = {0};
	size_t index = 7;

	assert_int_equal(read_file(path, 1 << 16, &made), 0);
	int r = signer(route)->check(
		&made, &request->digests, &request->certificate, 1, &index, diag);
	if (r == 0)
		assert_int_equal(index, 0);
	return r;
}

static void with_each_key(void (*function)(const struct sign_request *))
{
	static const char *const algorithms[] = {"rsa2048", "ecdsa-p256", "ecdsa-p384"};

	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		_cleanup_key_ struct key key = {0};
		struct sign_request request = make_request(algorithms[i], &key);
		function(&request);
		close_fd(&request.fd);
	}
}

static void ima_file_and_evmctl(const struct sign_request *request)
{
	assert_true(shell("sha256sum file | cut -c1-64 >sum"));
	put_signature("ima-v2", request, 0, "file.sig");
	assert_true(shell("evmctl ima_verify --sigfile --key cert.der file 2>&1 | "
			  "grep -q 'verification is OK'"));
	assert_true(shell("cp file other; echo >>other; cp file.sig other.sig; "
			  "! evmctl ima_verify --sigfile --key cert.der other"));
	assert_true(shell("rm file.sig; evmctl ima_sign --sigfile --key key.pem file"));
	assert_int_equal(check_file("ima-v2", request, "file.sig", NULL), 0);
}

static void ima_and_openssl(const struct sign_request *request)
{
	char digest[2 * BS_DIGEST_SIZE + 1];
	hex_encode(request->digests.verity, BS_DIGEST_SIZE, digest);
	_cleanup_free_ char *id = format_text(
		"[ \"$(fsverity digest --compact file)\" = %s ] && echo 0604%s | xxd -r -p >id",
		digest, digest);

	assert_true(shell(id));
	put_signature("ima", request, 9, "signature");
	assert_true(shell("openssl dgst -sha256 -verify public.pem -signature signature id"));
	assert_true(shell(
		"echo >>id; ! openssl dgst -sha256 -verify public.pem -signature signature id"));
	/* The other direction: the header of ours, the signature of OpenSSL. */
	assert_true(shell(id));
	put_signature("ima", request, 0, "value");
	assert_true(shell(
		"openssl dgst -sha256 -sign key.pem -out theirs id && "
		"{ head -c 7 value; printf %04x $(stat -c %s theirs) | xxd -r -p; cat theirs; } >mixed"));
	assert_int_equal(check_file("ima", request, "mixed", NULL), 0);
	/* Type 6, version 3, SHA-256, and the end of the subject key identifier. */
	assert_true(shell(
		"[ \"$(head -c 7 value | xxd -p)\" = \"060304$(openssl x509 -in cert.pem "
		"-noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ': ' | tail -c 9 | tr A-F a-f)\" ]"));
}

static void builtin_and_others(const struct sign_request *request)
{
	char digest[2 * BS_DIGEST_SIZE + 1];
	hex_encode(request->digests.verity, BS_DIGEST_SIZE, digest);
	_cleanup_free_ char *formatted =
		format_text("{ printf FSVerity; echo 01002000%s | xxd -r -p; } >formatted", digest);

	assert_true(shell(formatted));
	put_signature("builtin", request, 0, "cms");
	assert_true(shell("openssl cms -verify -binary -inform DER -in cms -content formatted "
			  "-certfile cert.pem -CAfile cert.pem -purpose any -out /dev/null"));
	assert_true(shell("fsverity sign file theirs --key=key.pem --cert=cert.pem"));
	assert_int_equal(check_file("builtin", request, "theirs", NULL), 0);
}

static void test_ima_file(void **state)
{
	with_each_key(ima_file_and_evmctl);
}

static void test_ima(void **state)
{
	with_each_key(ima_and_openssl);
}

static void test_builtin(void **state)
{
	with_each_key(builtin_and_others);
}

/*
 * Bytes at the end that count, every one; of a CMS there are some before that mean nothing, its
 * version for one.
 */
static size_t bytes_that_count(const struct signer *one, const struct bytes *made)
{
	return one->slot ? made->size : 32;
}

/* Each byte of a signature counts, and each route takes its own kind only. */
static void refuse_others(const struct sign_request *request)
{
	for (size_t i = 0; i < SIGNERS; i++) {
		_cleanup_bytes_ struct bytes made = {0};
		struct digests other = request->digests;
		size_t index;
		assert_int_equal(signers[i]->sign(request, &made, NULL), 0);
		for (size_t k = 0; k < SIGNERS; k++)
			assert_int_equal(signers[k]->check(&made, &request->digests,
						 &request->certificate, 1, &index, NULL) == 0,
				i == k);
		for (size_t at = made.size - bytes_that_count(signers[i], &made); at < made.size;
			at++) {
			made.data[at] ^= 1;
			assert_true(signers[i]->check(&made, &request->digests,
					    &request->certificate, 1, &index, NULL) < 0);
			made.data[at] ^= 1;
		}
		other.verity[31] ^= 1;
		other.content[31] ^= 1;
		assert_true(signers[i]->check(
				    &made, &other, &request->certificate, 1, &index, NULL) < 0);
		for (size_t size = 0; size < made.size; size++) {
			const struct bytes shorter = {made.data, size};
			assert_int_equal(signers[i]->check(&shorter, &request->digests,
						 &request->certificate, 1, &index, NULL),
				-EBADMSG);
		}
	}
}

static void test_refuses(void **state)
{
	_cleanup_key_ struct key key = {0};
	struct sign_request request = make_request("ecdsa-p256", &key);

	refuse_others(&request);
	close_fd(&request.fd);
}

static void test_stranger(void **state)
{
	_cleanup_key_ struct key key = {0}, eve = make_key("eve");
	struct sign_request request = make_request("ecdsa-p256", &key);

	for (size_t i = 0; i < SIGNERS; i++) {
		_cleanup_bytes_ struct bytes made = {0};
		size_t index = 7;
		assert_int_equal(signers[i]->sign(&request, &made, NULL), 0);
		assert_int_equal(signers[i]->check(&made, &request.digests, &eve.certificate, 1,
					 &index, NULL),
			-ENOKEY);
		X509 *both[] = {eve.certificate, key.certificate};
		assert_int_equal(
			signers[i]->check(&made, &request.digests, both, 2, &index, NULL), 0);
		assert_int_equal(index, 1);
	}
	close_fd(&request.fd);
}

static void test_names(void **state)
{
	struct diag diag;
	unsigned routes = 0;

	assert_int_equal(signer_parse("ima,builtin", &routes, &diag), 0);
	assert_int_equal(routes, 1U << signer_find("claim") | 1U << signer_find("ima") |
					 1U << signer_find("builtin"));
	assert_int_equal(signer_parse("claim", &routes, &diag), 0);
	assert_int_equal(routes, 1U << signer_find("claim"));
	assert_int_equal(signer_parse("ima,ima-v2", &routes, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "both in security.ima"));
	assert_int_equal(signer_parse("imma", &routes, &diag), -EINVAL);
	assert_string_equal(diag.hint, "did you mean 'ima'?");
	assert_int_equal(signer_parse("", &routes, &diag), -EINVAL);
	assert_int_equal(signer_parse("ima,", &routes, &diag), -EINVAL);
	assert_int_equal(routes, 1U << signer_find("claim"));
	assert_int_equal(signer_suit(1U << signer_find("ima"), BS_ROLE_POLICY, &diag), -EINVAL);
	assert_int_equal(signer_suit(1U << signer_find("ima-v2"), BS_ROLE_POLICY, &diag), 0);
}

static void test_content(void **state)
{
	uint8_t ours[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];

	assert_true(shell("head -c 300000 /dev/urandom >big; : >empty"));
	for (size_t i = 0; i < 2; i++) {
		const char *path = i ? "empty" : "big";
		_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
		assert_int_equal(content_digest(fd, ours, NULL), 0);
		_cleanup_free_ char *command = format_text(
			"sha256sum %s | grep -q ^%s", path, hex_encode(ours, sizeof(ours), text));
		assert_true(shell(command));
	}
	assert_int_equal(content_digest(-EBADF, ours, NULL), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(test_ima_file),
		in_directory(test_ima),
		in_directory(test_builtin),
		in_directory(test_refuses),
		in_directory(test_stranger),
		in_directory(test_names),
		in_directory(test_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
