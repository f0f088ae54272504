/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/base.h"
#include "tests/unit/signing.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Each test has a directory of anchors of its own, "keys" in its own directory. */
static int enter(void **state)
{
	setenv("BPFSIGN_KEYS_DIRECTORY", "keys", 1);
	return enter_directory(state);
}

static size_t count(void)
{
	_cleanup_anchors_ struct anchors anchors = {0};

	assert_int_equal(anchors_load(&anchors, NULL), 0);
	return anchors.n;
}

static void test_empty(void **state)
{
	assert_int_equal(count(), 0);
	assert_int_equal(mkdir("keys", 0755), 0);
	assert_int_equal(count(), 0);
	assert_int_equal(anchors_remove("acme", NULL), -ENOENT);
}

static void test_add_and_load(void **state)
{
	_cleanup_key_ struct key zoe = make_key("zoe"), acme = make_key("acme");
	_cleanup_anchors_ struct anchors anchors = {0};
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	assert_int_equal(anchors_add("zoe", zoe.certificate, ANCHOR_CONTROL, NULL), 0);
	assert_int_equal(anchors_add("acme", acme.certificate, /* marks= */ 0, NULL), 0);
	assert_int_equal(anchors_add("acme", acme.certificate, /* marks= */ 0, NULL), 0);
	assert_int_equal(anchors_load(&anchors, NULL), 0);
	assert_int_equal(anchors.n, 2);
	assert_string_equal(anchors.items[0].signer, "acme");
	assert_false(anchors.items[0].control);
	assert_string_equal(
		anchors.items[0].fingerprint, cert_fingerprint(acme.certificate, fingerprint));
	assert_int_equal(X509_cmp(anchors.items[0].certificate, acme.certificate), 0);
	assert_string_equal(anchors.items[1].signer, "zoe");
	assert_true(anchors.items[1].control);
	assert_string_equal(anchors_control(&anchors), "zoe");
	assert_ptr_equal(anchors_find_key(&anchors, "acme", acme.certificate), &anchors.items[0]);
	assert_null(anchors_find_key(&anchors, "acme", zoe.certificate));
	assert_null(anchors_find_key(&anchors, "zoe", acme.certificate));

	_cleanup_free_ X509 **certificates = anchors_certificates(&anchors);
	assert_ptr_equal(certificates[1], anchors.items[1].certificate);
}

static void test_two_keys_of_one_signer(void **state)
{
	_cleanup_key_ struct key old = make_key("acme"), new = make_key("acme");

	assert_int_equal(anchors_add("acme", old.certificate, ANCHOR_CONTROL, NULL), 0);
	assert_int_equal(anchors_add("acme", new.certificate, /* marks= */ 0, NULL), 0);
	assert_int_equal(count(), 2);
	assert_int_equal(anchors_remove("acme", NULL), 0);
	assert_int_equal(count(), 0);
	assert_int_equal(access("keys/acme", F_OK), -1);
}

static void test_one_control_signer(void **state)
{
	_cleanup_key_ struct key a = make_key("a"), b = make_key("b");
	struct diag diag;

	assert_int_equal(anchors_add("a", a.certificate, ANCHOR_CONTROL, NULL), 0);
	assert_int_equal(anchors_add("b", b.certificate, ANCHOR_CONTROL, &diag), -EEXIST);
	assert_non_null(strstr(diag.message, "'a'"));
	assert_int_equal(count(), 1);
	assert_int_equal(anchors_remove("a", NULL), 0);
	assert_int_equal(anchors_add("b", b.certificate, ANCHOR_CONTROL, NULL), 0);
}

static void test_marks(void **state)
{
	_cleanup_key_ struct key old = make_key("acme"), new = make_key("acme");
	_cleanup_anchors_ struct anchors anchors = {0};

	assert_int_equal(anchors_add("acme", old.certificate, ANCHOR_IMA, NULL), 0);
	assert_int_equal(anchors_add("acme", new.certificate, ANCHOR_FSVERITY, NULL), 0);
	assert_int_equal(anchors_load(&anchors, NULL), 0);
	/* They are the signer's, not the certificate's, and stay. */
	for (size_t i = 0; i < anchors.n; i++)
		assert_int_equal(anchors.items[i].marks, ANCHOR_IMA | ANCHOR_FSVERITY);
	assert_int_equal(anchors_marks(&anchors, "acme"), ANCHOR_IMA | ANCHOR_FSVERITY);
	assert_int_equal(anchors_marks(&anchors, "bob"), 0);
	assert_null(anchors_control(&anchors));
}

static void test_remove_one(void **state)
{
	_cleanup_key_ struct key old = make_key("acme"), new = make_key("acme");
	_cleanup_anchors_ struct anchors anchors = {0}, after = {0};
	_cleanup_free_ char *path = NULL;

	assert_int_equal(anchors_add("acme", old.certificate, ANCHOR_CONTROL, NULL), 0);
	assert_int_equal(anchors_add("acme", new.certificate, /* marks= */ 0, NULL), 0);
	assert_int_equal(anchors_load(&anchors, NULL), 0);
	const struct anchor *anchor = anchors_find_key(&anchors, "acme", old.certificate);
	path = anchors_path("acme", old.certificate);
	assert_string_equal(anchor->path, path);
	assert_int_equal(anchors_remove_one(anchor, NULL), 0);
	assert_int_equal(anchors_remove_one(anchor, NULL), 0);
	assert_int_equal(anchors_load(&after, NULL), 0);
	assert_int_equal(after.n, 1);
	assert_true(after.items[0].control);
	assert_int_equal(X509_cmp(after.items[0].certificate, new.certificate), 0);
	assert_int_equal(anchors_remove("acme", NULL), 0);
	assert_int_equal(anchors_remove_one(anchor, NULL), 0);
}

/* A signer's name is a directory's. */
static void test_names(void **state)
{
	static const char *const bad[] = {"..", ".", "", "a/b", ".hidden", "Acme", "a b"};
	_cleanup_key_ struct key key = make_key("acme");

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(
			anchors_add(bad[i], key.certificate, /* marks= */ 0, NULL), -EINVAL);
		assert_int_equal(anchors_remove(bad[i], NULL), -EINVAL);
	}
	assert_int_equal(count(), 0);
}

/* What a kill can leave, and what an editor leaves, is no anchor. */
static void test_litter(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");

	assert_int_equal(anchors_add("acme", key.certificate, /* marks= */ 0, NULL), 0);
	assert_true(shell("cd keys && touch acme/x.pem.Ab12Cd acme/.x.pem acme/x.pem~ README && "
			  "mkdir empty && cp -r acme .removed.bob.1"));
	assert_int_equal(count(), 1);
}

static void test_bad_file_is_named(void **state)
{
	_cleanup_key_ struct key key = make_key("acme");
	struct anchors anchors = {0};
	struct diag diag;

	assert_int_equal(anchors_add("acme", key.certificate, /* marks= */ 0, NULL), 0);
	assert_true(shell("echo junk >keys/acme/bad.pem"));
	assert_true(anchors_load(&anchors, &diag) < 0);
	assert_non_null(strstr(diag.message, "keys/acme/bad.pem"));
	put_key("keys/acme/bad.pem", &key);
	assert_int_equal(anchors_load(&anchors, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "not a certificate alone"));
	assert_null(anchors.items);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, enter, leave_directory)
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_add_and_load),
		TEST(test_two_keys_of_one_signer),
		TEST(test_one_control_signer),
		TEST(test_marks),
		TEST(test_remove_one),
		TEST(test_names),
		TEST(test_litter),
		TEST(test_bad_file_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
