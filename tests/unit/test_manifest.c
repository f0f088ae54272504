/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/text.h"
#include "tests/unit/signing.h"

#include "keyring/base64.h"
#include "src/manifest/manifest.h"

static void assert_base64(const char *plain, const char *encoded)
{
	_cleanup_bytes_ struct bytes decoded = {0};
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	base64_write(out, plain, strlen(plain));
	fclose(out);
	assert_string_equal(text, encoded);
	if (!*plain)
		return;
	assert_int_equal(base64_decode(encoded, strlen(encoded), &decoded), 0);
	assert_int_equal(decoded.size, strlen(plain));
	assert_string_equal((char *)decoded.data, plain);
}

/* RFC 4648, section 10. */
static void test_base64(void **state)
{
	static const char *const bad[] = {"", "Z",
		"Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "Zm9v\n", "Zm 9", "====", "Zm9v-A=="};

	assert_base64("", "");
	assert_base64("f", "Zg==");
	assert_base64("fo", "Zm8=");
	assert_base64("foo", "Zm9v");
	assert_base64("foob", "Zm9vYg==");
	assert_base64("fooba", "Zm9vYmE=");
	assert_base64("foobar", "Zm9vYmFy");
	assert_base64("\xfb\xff\xfe", "+//+");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct bytes decoded = {0};
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), &decoded), -EINVAL);
		assert_null(decoded.data);
	}
}

/* Every byte that a path can have, in both directions. */
static void test_paths(void **state)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_free_ char *text = NULL;
	char path[256];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < 255; i++)
		path[i] = (char)(i + 1);
	path[255] = 0;
	const struct manifest_entry entry = {.path = path,
		.claim = {.role = BS_ROLE_LIBRARY, .name = "a", .sequence = UINT64_MAX}};
	manifest_first_line(out);
	manifest_file_line(out, &entry);
	assert_int_equal(manifest_trailer_line(out, NULL, 0, 1, NULL, NULL), 0);
	fclose(out);
	assert_int_equal(manifest_parse("m", text, size, &manifest, NULL), 0);
	assert_int_equal(manifest.n, 1);
	assert_string_equal(manifest.entries[0].path, path);
	assert_true(manifest.entries[0].claim.sequence == UINT64_MAX);
	assert_ptr_equal(manifest_find(&manifest, path), &manifest.entries[0]);
	assert_null(manifest_find(&manifest, "a"));
}

static void test_no_files(void **state)
{
	static const char text[] = "bpfsign manifest v1\nend 0\n";
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_key_ struct key key = make_key("acme");

	assert_int_equal(manifest_parse("m", text, strlen(text), &manifest, NULL), 0);
	assert_int_equal(manifest.n, 0);
	assert_null(manifest_find(&manifest, "a"));
	assert_false(manifest_is_signed_by(&manifest, key.certificate));
}

/* The last line holds for these lines and this key only. */
static void test_seal(void **state)
{
	static const char lines[] = "bpfsign manifest v1\n";
	_cleanup_key_ struct key key = make_key("acme"), eve = make_key("eve");
	_cleanup_manifest_ struct manifest manifest = {0}, changed = {0};
	_cleanup_free_ char *text = NULL, *other = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(lines, out);
	assert_int_equal(manifest_trailer_line(out, lines, strlen(lines), 0, &key, NULL), 0);
	fclose(out);
	assert_int_equal(manifest_parse("m", text, size, &manifest, NULL), 0);
	assert_true(manifest_is_signed_by(&manifest, key.certificate));
	assert_false(manifest_is_signed_by(&manifest, eve.certificate));

	other = format_text("%sfile a library a 1 sha256:%064d\nend 1 %s", lines, 0,
		text + strlen(lines) + strlen("end 0 "));
	assert_int_equal(manifest_parse("m", other, strlen(other), &changed, NULL), 0);
	assert_false(manifest_is_signed_by(&changed, key.certificate));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_seal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
