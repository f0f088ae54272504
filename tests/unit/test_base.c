/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"

/* A directory of its own for each test; *state is its path. */
static int make_directory(void **state)
{
	char *path = strdup("/tmp/test_util.XXXXXX");

	*state = path;
	return path && mkdtemp(path) ? 0 : -1;
}

static int remove_directory(void **state)
{
	_cleanup_free_ char *path = *state;
	_cleanup_free_ char *command = format_text("rm -rf -- '%s'", path);

	return command ? system(command) : -1;
}

static char *in(void **state, const char *name)
{
	char *path = format_text("%s/%s", (const char *)*state, name);

	assert_non_null(path);
	return path;
}

static void test_take(void **state)
{
	char *text = strdup("a");
	_cleanup_free_ char *taken = TAKE_PTR(text);
	int fd = 5, taken_fd = TAKE_FD(fd);

	assert_null(text);
	assert_string_equal(taken, "a");
	assert_int_equal(taken_fd, 5);
	assert_int_equal(fd, -EBADF);
}

static void test_close(void **state)
{
	int fd = open_path(AT_FDCWD, "/dev/null", O_RDONLY, 0), old = fd;
	FILE *file = fopen("/dev/null", "r");

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	errno = E2BIG;
	close_fd(&fd);
	close_fd(&fd);
	assert_int_equal(fd, -EBADF);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(fcntl(old, F_GETFD), -1);

	close_file(&file);
	close_file(&file);
	assert_null(file);
}

static void test_bytes(void **state)
{
	struct bytes bytes = {(uint8_t *)strdup("secret"), 6};

	bytes_erase(&bytes);
	assert_null(bytes.data);
	assert_int_equal(bytes.size, 0);
	bytes_erase(&bytes);
	bytes_done(&bytes);
}

static void test_open_errors(void **state)
{
	_cleanup_free_ char *path = in(state, "missing");

	assert_int_equal(open_path(AT_FDCWD, path, O_RDONLY, 0), -ENOENT);
	assert_int_equal(open_path(-1, "relative", O_RDONLY, 0), -EBADF);
}

static void test_read_and_write(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
	_cleanup_free_ char *path = in(state, "file");
	static uint8_t data[100000];

	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_bytes_ struct bytes bytes = {0};
		assert_int_equal(write_file_atomic(path, data, sizes[i], 0640), 0);
		assert_int_equal(read_file(path, sizes[i], &bytes), 0);
		assert_int_equal(bytes.size, sizes[i]);
		assert_memory_equal(bytes.data, data, sizes[i]);
		assert_int_equal(bytes.data[bytes.size], 0);
	}
}

static void test_read_errors(void **state)
{
	_cleanup_free_ char *path = in(state, "file");
	struct bytes bytes = {NULL, 77};

	assert_int_equal(read_file(path, 10, &bytes), -ENOENT);
	assert_int_equal(read_file(*state, 10, &bytes), -EISDIR);
	assert_int_equal(write_file_atomic(path, "12345678901", 11, 0600), 0);
	assert_int_equal(read_file(path, 10, &bytes), -EFBIG);
	assert_int_equal(read_fd(-1, 10, &bytes), -EBADF);
	assert_int_equal(bytes.size, 77);
}

static void test_read_from_position(void **state)
{
	_cleanup_free_ char *path = in(state, "file");
	_cleanup_bytes_ struct bytes bytes = {0};

	assert_int_equal(write_file_atomic(path, "abcdef", 6, 0600), 0);
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	assert_int_equal(lseek(fd, 4, SEEK_SET), 4);
	assert_int_equal(read_fd(fd, 10, &bytes), 0);
	assert_string_equal((char *)bytes.data, "ef");
}

/* Replaces content and mode, leaves nothing beside it, and follows no half-way state. */
static void test_write_atomic(void **state)
{
	_cleanup_free_ char *path = in(state, "file"), *missing = in(state, "no/file");
	_cleanup_free_ char *directory = in(state, "directory"), *inside = in(state, "directory/a");
	_cleanup_bytes_ struct bytes bytes = {0};
	struct stat status;

	assert_int_equal(write_file_atomic(path, "old", 3, 0600), 0);
	assert_int_equal(write_file_atomic(path, "new!", 4, 0644), 0);
	assert_int_equal(read_file(path, 100, &bytes), 0);
	assert_string_equal((char *)bytes.data, "new!");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(write_file_atomic(missing, "a", 1, 0600), -ENOENT);
	assert_int_equal(make_directories(inside, 0700), 0);
	assert_int_equal(write_file_atomic(directory, "a", 1, 0600), -EISDIR);
	assert_int_equal(rmdir(inside), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(rmdir(*state), 0); /* no temporary file was left */
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void test_write_all(void **state)
{
	assert_int_equal(write_all(-1, "a", 1), -EBADF);
	assert_int_equal(write_all(-1, "", 0), 0);
	_cleanup_close_ int full = open_path(AT_FDCWD, "/dev/full", O_WRONLY, 0);
	assert_int_equal(write_all(full, "a", 1), -ENOSPC);
}

static void test_make_directories(void **state)
{
	_cleanup_free_ char *deep = in(state, "a/b/c"), *file = in(state, "file");
	_cleanup_free_ char *under_file = in(state, "file/a");
	struct stat status;

	assert_int_equal(make_directories(deep, 0750), 0);
	assert_int_equal(make_directories(deep, 0750), 0);
	assert_int_equal(stat(deep, &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(write_file_atomic(file, "", 0, 0600), 0);
	assert_int_equal(make_directories(under_file, 0750), -ENOTDIR);
}

static void test_hex(void **state)
{
	static const uint8_t data[] = {0x00, 0x0f, 0xa5, 0xff};
	uint8_t back[4] = {0};
	char text[9];

	assert_string_equal(hex_encode(data, 4, text), "000fa5ff");
	assert_string_equal(hex_encode(data, 0, text), "");
	assert_int_equal(hex_decode("000fa5ff", back, 4), 0);
	assert_memory_equal(data, back, 4);
	assert_int_equal(hex_decode("000FA5Ff", back, 4), 0);
	assert_memory_equal(data, back, 4);
	assert_int_equal(hex_decode("", back, 0), 0);
	assert_int_equal(hex_decode("000fa5f", back, 4), -EINVAL);
	assert_int_equal(hex_decode("000fa5ff0", back, 4), -EINVAL);
	assert_int_equal(hex_decode("000fa5fg", back, 4), -EINVAL);
	assert_int_equal(hex_decode("0x0fa5ff", back, 4), -EINVAL);
	assert_int_equal(hex_decode("00 fa5ff", back, 4), -EINVAL);
}

static void test_escape(void **state)
{
	// clang-format off
	static const char *const cases[][2] = {
		{"", ""},
		{"plain 'text' größe 😀", "plain 'text' größe 😀"},
		{"a\nb\tc", "a\\nb\\tc"},
		{"\"\\", "\\\"\\\\"},
		{"\x1b[2J\x7f", "\\x1b[2J\\x7f"},
		{"\xff\xc3", "\\xff\\xc3"},                       /* no UTF-8 */
		{"\xc3 \xe2\x82 ", "\\xc3 \\xe2\\x82 "},          /* cut short */
		{"\xc0\xaf", "\\xc0\\xaf"},                       /* overlong, as are these two */
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},              /* a surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},     /* above U+10FFFF */
		{"\xc2\x9b", "\\xc2\\x9b"},                       /* U+9B, a terminal's CSI */
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"},              /* U+202E, right to left */
		{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},              /* U+2028, line separator */
		{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},              /* U+2066 to U+2069, isolates */
		{"\xe2\x81\xa9", "\\xe2\\x81\\xa9"},
		{"\xe2\x80\x8f", "\\xe2\\x80\\x8f"},              /* U+200F, a direction mark */
		{"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},              /* U+FEFF, not to be seen */
		{"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},     /* U+E0041, a tag */
	};
	// clang-format on

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *escaped = escape_text(cases[i][0], strlen(cases[i][0]));
		assert_string_equal(escaped, cases[i][1]);
	}
	_cleanup_free_ char *nul = escape_text("a\0b", 3), *quoted = quote_text("a b\n", 4);
	assert_string_equal(nul, "a\\x00b");
	assert_string_equal(quoted, "\"a b\\n\"");
}

/* Reads nothing behind size, whatever a sequence at the end promises. */
static void test_escape_truncated(void **state)
{
	static const char *const sequences[] = {"ö", "€", "😀"};

	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++)
		for (size_t size = 1; size < strlen(sequences[i]); size++) {
			_cleanup_free_ char *part = malloc(size);
			assert_non_null(part);
			memcpy(part, sequences[i], size);
			_cleanup_free_ char *escaped = escape_text(part, size);
			assert_int_equal(strlen(escaped), 4 * size);
		}
}

static void test_names(void **state)
{
	static const char *const good[] = {"a", "alice", "libc.so.6", "a_b-c.d", "0", "-", "...",
		"123456789012345678901234567890123456789012345678901234567890123"};
	static const char *const bad[] = {"", "Alice", "a b", "a/b", "a:b", "ö", "a\n", "*",
		"1234567890123456789012345678901234567890123456789012345678901234"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(name_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(name_is_valid(bad[i]));
}

static void test_nearest_word(void **state)
{
	static const char *const words[] = {"signer", "exec", "min-sequence", NULL, "load"};
	static const char *const huge[] = {
		"123456789012345678901234567890123456789012345678901234567890123456789"};
	size_t n = ARRAY_SIZE(words);

	assert_string_equal(nearest_word("signer", words, n), "signer");
	assert_string_equal(nearest_word("singer", words, n), "signer");
	assert_string_equal(nearest_word("exce", words, n), "exec");
	assert_string_equal(nearest_word("min_sequence", words, n), "min-sequence");
	assert_string_equal(nearest_word("laod", words, n), "load");
	assert_null(nearest_word("collateral", words, n));
	assert_null(nearest_word("signer", words, 0));
	assert_null(nearest_word("123", huge, 1));
}

static void test_format(void **state)
{
	_cleanup_free_ char *text = format_text("%s-%d", "a", 7);

	assert_string_equal(text, "a-7");
}

/* Where nothing is enforced, as here, no process is a control program. */
static void test_hook(void **state)
{
	const struct {
		int error, left;
	} cases[] = {{EBUSY, EPERM}, {EACCES, EACCES}, {ENOKEY, ENOKEY}, {EPERM, EPERM}};
	int rounds = 0;

	assert_false(hook_is_control());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(hook_again(cases[i].error, &rounds));
		assert_int_equal(errno, cases[i].left);
	}
	assert_int_equal(rounds, 0);
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_bytes),
		IN_DIRECTORY(test_open_errors),
		IN_DIRECTORY(test_read_and_write),
		IN_DIRECTORY(test_read_errors),
		IN_DIRECTORY(test_read_from_position),
		IN_DIRECTORY(test_write_atomic),
		cmocka_unit_test(test_write_all),
		IN_DIRECTORY(test_make_directories),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_truncated),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_nearest_word),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_hook),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
