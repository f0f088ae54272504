/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The digest against `fsverity digest`. What needs a kernel with fs-verity is in tests/vm/cases. */

#include "src/base/file.h"
#include "src/base/text.h"
#include "tests/unit/signing.h"

#include <fcntl.h>

#include "plugins/sign/verity.h"

static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 128 * 4096, 128 * 4096 + 1, 3000000};

static void put_content(size_t size)
{
	_cleanup_bytes_ struct bytes bytes = {malloc(size + 1), size};

	assert_non_null(bytes.data);
	for (size_t i = 0; i < size; i++)
		bytes.data[i] = (uint8_t)(i * 2654435761u >> 13);
	assert_int_equal(write_file_atomic("file", bytes.data, size, 0644), 0);
}

static void digest_file(const char *path, uint8_t ret[BS_DIGEST_SIZE])
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	bool enabled = true;

	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(verity_digest(fd, ret, &enabled, NULL), 0);
	assert_false(enabled);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
}

static void test_like_fsverity(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t digest[BS_DIGEST_SIZE];
		char text[2 * BS_DIGEST_SIZE + 1];
		put_content(sizes[i]);
		digest_file("file", digest);
		_cleanup_free_ char *command =
			format_text("fsverity digest --compact file | grep -qx %s",
				hex_encode(digest, sizeof(digest), text));
		assert_true(shell(command));
	}
}

static void test_of_memory(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t of_file[BS_DIGEST_SIZE], of_memory[BS_DIGEST_SIZE];
		_cleanup_bytes_ struct bytes bytes = {0};
		put_content(sizes[i]);
		digest_file("file", of_file);
		assert_int_equal(read_file("file", SIZE_MAX - 1, &bytes), 0);
		assert_int_equal(verity_digest_of(bytes.data, bytes.size, of_memory), 0);
		assert_memory_equal(of_file, of_memory, sizeof(of_file));
	}
}

static void test_not_a_file(void **state)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0);
	uint8_t digest[BS_DIGEST_SIZE];
	struct diag diag;
	bool enabled;

	assert_true(verity_digest(fd, digest, &enabled, &diag) < 0);
	assert_true(verity_digest(-EBADF, digest, &enabled, &diag) < 0);
	assert_true(diag.message[0]);
}

static void test_settle_needs_verity(void **state)
{
	struct diag diag;

	put_content(5000);
	_cleanup_close_ int fd = open_path(AT_FDCWD, "file", O_RDONLY, 0);
	assert_int_equal(verity_settle("file", fd, &diag), -ENODATA);
	assert_non_null(strstr(diag.message, "'file' has no fs-verity"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(test_like_fsverity),
		in_directory(test_of_memory),
		in_directory(test_not_a_file),
		in_directory(test_settle_needs_verity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
