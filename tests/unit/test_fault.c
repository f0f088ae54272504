/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What keyring/ does when memory runs out, inside it or inside OpenSSL, at each single allocation,
 * and when the kernel refuses a key. Whatever fails, what is wrong never passes for right, and what
 * is said is not empty.
 */

#include "src/base/text.h"
#include "tests/unit/faults.h"

#include "keyring/claim.h"
#include "keyring/keyring_internal.h"

/* --- what is run ---------------------------------------------------------------------------- */

static struct {
	struct key key;
	struct bytes pem;      /* key and certificate */
	struct bytes claim;    /* signed */
	struct bytes altered;  /* the same for another name */
	X509 *sha1, *encipher; /* certificates that are no good */
} made;

static const struct claim example = {
	.role = BS_ROLE_EXECUTABLE,
	.name = "alice",
	.sequence = 7,
	.digest_algorithm = BS_DIGEST_SHA256,
	.digest_size = BS_DIGEST_SIZE,
};

static int run_parse(struct diag *diag)
{
	_cleanup_key_ struct key key = {0};
	int r = key_parse(made.pem.data, made.pem.size, "file", &key, diag);

	assert_true(r < 0 || (key.private_key && key.certificate));
	return r;
}

static int run_make(struct diag *diag)
{
	_cleanup_x509_ X509 *certificate = NULL;
	return cert_make(made.key.private_key, "acme", 30, &certificate, diag);
}

static int run_write(struct diag *diag)
{
	_cleanup_(bytes_erase) struct bytes pem = {0};
	return key_to_pem(&made.key, &pem, diag);
}

static int run_sign(struct diag *diag)
{
	_cleanup_bytes_ struct bytes value = {0};
	return claim_sign(&example, made.key.private_key, made.key.certificate, &value, diag);
}

static int verify(const struct bytes *value, struct diag *diag)
{
	struct claim claim;
	const uint8_t *signature;
	size_t size, index;
	int r = claim_parse(value->data, value->size, &claim, &signature, &size, diag);

	return r < 0 ? r
		     : claim_verify(
			       &claim, signature, size, &made.key.certificate, 1, &index, diag);
}

static int run_verify(struct diag *diag)
{
	return verify(&made.claim, diag);
}

static int run_verify_altered(struct diag *diag)
{
	return verify(&made.altered, diag);
}

static int run_check(struct diag *diag)
{
	return cert_check(made.key.certificate, time(NULL), diag);
}

static int run_check_sha1(struct diag *diag)
{
	return cert_check(made.sha1, time(NULL), diag);
}

static int run_check_usage(struct diag *diag)
{
	/* Anew each time: OpenSSL keeps what it found out about extensions. */
	_cleanup_x509_ X509 *certificate = X509_dup(made.encipher);
	openssl_forget();
	return certificate ? cert_check(certificate, time(NULL), diag)
			   : diag_set(diag, -ENOMEM, "out of memory");
}

static int run_anchors(struct diag *diag)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int r = anchors_add("acme", made.key.certificate, ANCHOR_IMA, diag);

	if (r >= 0)
		r = anchors_load(&anchors, diag);
	assert_true(r < 0 || anchors.n == 1);
	return r;
}

static const struct {
	const char *name;
	int (*run)(struct diag *diag);
	bool right; /* without a fault it succeeds */
	/* OpenSSL 3.0's decoders crash without memory: nothing passes, but no test goes on */
	bool decodes;
} scenarios[] = {
	{"parse", run_parse, true, true},
	{"make", run_make, true, false},
	{"write", run_write, true, false},
	{"sign", run_sign, true, false},
	{"verify", run_verify, true, false},
	{"verify what was altered", run_verify_altered, false, false},
	{"check", run_check, true, false},
	{"check a certificate signed by SHA-1", run_check_sha1, false, false},
	{"check one that excludes signatures", run_check_usage, false, false},
	{"anchors", run_anchors, true, true},
};

/* Every allocation of one scenario fails once; how many there are. */
static size_t fail_each(size_t scenario, struct fault *fault)
{
	struct diag diag;

	for (size_t at = 1;; at++) {
		diag = (struct diag){0};
		*fault = (struct fault){.at = at};
		int r = scenarios[scenario].run(&diag);
		bool struck = fault->count >= at;
		*fault = (struct fault){0};
		if (!struck) {
			assert_true((r >= 0) == scenarios[scenario].right);
			return at - 1;
		}
		/* Some are survived, by trying otherwise. What is wrong stays wrong. */
		assert_true(r < 0 || scenarios[scenario].right);
		assert_true(r >= 0 || diag.message[0]);
		/*
		 * What was survived may leave something there; a failure must not, or the next
		 * one would tell its reason.
		 */
		if (r < 0 && openssl_failed())
			fail_msg("%s, fault %zu: %d leaves errors in OpenSSL's queue",
				scenarios[scenario].name, at, r);
		openssl_forget();
	}
}

static void test_our_memory(void **state)
{
	setenv("BPFSIGN_KEYS_DIRECTORY", "keys", 1);
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		print_message("%s: %zu\n", scenarios[i].name, fail_each(i, &ours));
}

static void test_openssl_memory(void **state)
{
	setenv("BPFSIGN_KEYS_DIRECTORY", "keys", 1);
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		if (!scenarios[i].decodes)
			print_message("%s: %zu\n", scenarios[i].name, fail_each(i, &openssls));
}

/* --- the kernel's keyrings ------------------------------------------------------------------ */

/* The call that fails, with this errno. The rings are this process' own, and end with it. */
static const char *refused;
static int refusal;

static bool is_refused(const char *call)
{
	if (!refused || strcmp(refused, call) != 0)
		return false;
	errno = refusal;
	return true;
}

key_serial_t __real_add_key(const char *type, const char *description, const void *data,
	size_t size, key_serial_t ring);
long __real_keyctl_setperm(key_serial_t key, key_perm_t permissions);
long __real_keyctl_set_timeout(key_serial_t key, unsigned seconds);
long __real_keyctl_link(key_serial_t key, key_serial_t ring);
long __real_keyctl_unlink(key_serial_t key, key_serial_t ring);
key_serial_t __wrap_add_key(const char *type, const char *description, const void *data,
	size_t size, key_serial_t ring);
long __wrap_keyctl_setperm(key_serial_t key, key_perm_t permissions);
long __wrap_keyctl_set_timeout(key_serial_t key, unsigned seconds);
long __wrap_keyctl_link(key_serial_t key, key_serial_t ring);
long __wrap_keyctl_unlink(key_serial_t key, key_serial_t ring);

key_serial_t __wrap_add_key(
	const char *type, const char *description, const void *data, size_t size, key_serial_t ring)
{
	return is_refused("add_key") ? -1 : __real_add_key(type, description, data, size, ring);
}

long __wrap_keyctl_setperm(key_serial_t key, key_perm_t permissions)
{
	return is_refused("setperm") ? -1 : __real_keyctl_setperm(key, permissions);
}

long __wrap_keyctl_set_timeout(key_serial_t key, unsigned seconds)
{
	return is_refused("timeout") ? -1 : __real_keyctl_set_timeout(key, seconds);
}

long __wrap_keyctl_link(key_serial_t key, key_serial_t ring)
{
	return is_refused("link") ? -1 : __real_keyctl_link(key, ring);
}

long __wrap_keyctl_unlink(key_serial_t key, key_serial_t ring)
{
	return is_refused("unlink") ? -1 : __real_keyctl_unlink(key, ring);
}

static const struct {
	const char *call;
	int error;
	const char *hint;
} refusals[] = {
	{"add_key", ENOPKG, "SHA-2"},
	{"add_key", EDQUOT, "root_maxkeys"},
	{"add_key", EKEYREJECTED, "bpfsign keygen"},
	{"add_key", EPERM, "order"},
	{"link", ENFILE, ""},
	{"setperm", EACCES, ""},
	{"timeout", EACCES, ""},
};

static void refuse_one(size_t i, key_serial_t ring)
{
	key_serial_t key = 0;
	struct diag diag;

	refused = refusals[i].call;
	refusal = refusals[i].error;
	assert_int_equal(keyring_add(ring, made.key.certificate, &key, &diag), -refusal);
	assert_non_null(strstr(diag.hint, refusals[i].hint));
	refused = NULL;
	/* Without its timeout and access it must not stay. */
	assert_int_equal(key, 0);
	assert_int_equal(keyring_count(ring), 0);
}

static void test_keyring(void **state)
{
	key_serial_t ring =
		__real_add_key("keyring", "bpfsign-test", NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	key_serial_t key = 0;
	size_t i = 0;
	struct diag diag;

	if (ring < 0)
		skip(); /* no keyrings here: a container, for example */
	for (; strcmp(refusals[i].call, "setperm") != 0; i++)
		refuse_one(i, ring);
	if (keyring_add(ring, made.key.certificate, &key, &diag) == -ENOENT)
		skip(); /* a kernel without asymmetric keys; the rest is for others */
	assert_int_equal(keyring_has(ring, made.key.certificate, &key), 1);
	refused = "unlink";
	refusal = EPERM;
	assert_int_equal(keyring_remove(ring, made.key.certificate, &diag), -EPERM);
	assert_non_null(strstr(diag.hint, "order"));
	refused = NULL;
	assert_int_equal(keyring_remove(ring, made.key.certificate, &diag), 1);
	assert_int_equal(keyring_remove(ring, made.key.certificate, &diag), 0);
	for (; i < ARRAY_SIZE(refusals); i++)
		refuse_one(i, ring);
}

static X509 *certificate_of(const char *options)
{
	struct key key = {0};
	_cleanup_free_ char *command = format_text(
		"openssl req -x509 -nodes -newkey rsa:2048 -subj /CN=x %s -keyout key -out crt",
		options);

	assert_true(shell(command));
	assert_int_equal(key_load("crt", &key, NULL), 0);
	return key.certificate;
}

/* Everything once without a fault, so that what OpenSSL keeps for ever is there. */
static int prepare(void **state)
{
	struct claim other = example;
	struct diag diag;

	enter_directory(state);
	setenv("BPFSIGN_KEYS_DIRECTORY", "keys", 1);
	made.key = make_key("acme");
	assert_int_equal(key_to_pem(&made.key, &made.pem, NULL), 0);
	assert_int_equal(
		claim_sign(&example, made.key.private_key, made.key.certificate, &made.claim, NULL),
		0);
	snprintf(other.name, sizeof(other.name), "mallory");
	assert_int_equal(
		claim_sign(&other, made.key.private_key, made.key.certificate, &made.altered, NULL),
		0);
	memcpy(made.altered.data, made.claim.data, sizeof(struct bs_claim));
	made.sha1 = certificate_of("-sha1");
	made.encipher = certificate_of("-addext keyUsage=keyEncipherment");
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		assert_true((scenarios[i].run(&diag) >= 0) == scenarios[i].right);
	return 0;
}

static int finish(void **state)
{
	key_done(&made.key);
	bytes_erase(&made.pem);
	bytes_done(&made.claim);
	bytes_done(&made.altered);
	X509_free(made.sha1);
	X509_free(made.encipher);
	return leave_directory(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_memory),
		cmocka_unit_test(test_openssl_memory),
		cmocka_unit_test(test_keyring),
	};

	/* Before its first allocation, or it refuses. */
	if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, prepare, finish);
}
