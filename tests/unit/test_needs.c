/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a program needs: asked of this very program, of scripts, and of texts of a loader. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/files/needs.h"
#include "src/base/file.h"
#include "src/base/text.h"

static int make_directory(void **state)
{
	char *path = strdup("/tmp/test_needs.XXXXXX");

	*state = path;
	return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
	_cleanup_free_ char *path = *state;
	_cleanup_free_ char *command = format_text("rm -rf -- '%s'", path);

	return command && chdir("/") == 0 ? system(command) : -1;
}

static void write_file(const char *path, const void *data, size_t size)
{
	assert_int_equal(write_file_atomic(path, data, size, 0755), 0);
}

/* The need whose path has this word in it, or NULL. */
static const struct need *find(const struct needs *needs, const char *word)
{
	for (size_t i = 0; i < needs->n; i++)
		if (strstr(needs->items[i].path, word))
			return &needs->items[i];
	return NULL;
}

static void expect_libraries(const struct needs *needs)
{
	assert_non_null(find(needs, "/libc.so.6"));
	assert_int_equal(find(needs, "/libc.so.6")->role, BS_ROLE_LIBRARY);
	assert_non_null(find(needs, "/ld-linux"));
	assert_int_equal(find(needs, "/ld-linux")->role, BS_ROLE_LIBRARY);
	assert_null(find(needs, "vdso"));
	for (size_t i = 0; i < needs->n; i++) {
		_cleanup_free_ char *real = realpath(needs->items[i].path, NULL);
		assert_string_equal(real, needs->items[i].path);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(needs->items[j].path, real);
	}
}

static void lists_a_program_once(void **state)
{
	struct needs needs = {0};
	struct diag diag = {0};

	if (needs_add(&needs, "/proc/self/exe", &diag) < 0)
		fail_msg("%s", diag.message);
	expect_libraries(&needs);
	assert_null(find(&needs, "test_needs"));
	size_t n = needs.n;
	assert_int_equal(needs_add(&needs, "/proc/self/exe", NULL), 0);
	assert_int_equal(needs.n, n);
	needs_done(&needs);
	needs_done(&needs);
}

/* What the caller's environment says is not what the program will be run with. */
static void clears_the_environment(void **state)
{
	struct needs needs = {0};

	setenv("LD_PRELOAD", "/nonexistent/libevil.so", 1);
	setenv("LD_LIBRARY_PATH", *state, 1);
	assert_int_equal(needs_add(&needs, "/proc/self/exe", NULL), 0);
	unsetenv("LD_PRELOAD");
	unsetenv("LD_LIBRARY_PATH");
	expect_libraries(&needs);
	assert_null(find(&needs, "evil"));
	needs_done(&needs);
}

static void follows_interpreters(void **state)
{
	static const char outer[] = "#! \t./inner\n";
	struct needs needs = {0};
	_cleanup_free_ char *self = realpath("/proc/self/exe", NULL);
	_cleanup_free_ char *inner = format_text("#!%s -x\n", self);
	_cleanup_free_ char *absolute = format_text("#! \t%s/inner\n", (char *)*state);

	write_file("inner", inner, strlen(inner));
	write_file("outer", absolute, strlen(absolute));
	assert_int_equal(needs_add(&needs, "outer", NULL), 0);
	assert_string_equal(strrchr(needs.items[0].path, '/'), "/inner");
	assert_int_equal(needs.items[0].role, BS_ROLE_EXECUTABLE);
	assert_string_equal(needs.items[1].path, self);
	assert_int_equal(needs.items[1].role, BS_ROLE_EXECUTABLE);
	expect_libraries(&needs);
	needs_done(&needs);

	write_file("outer", outer, strlen(outer));
	assert_int_equal(needs_add(&needs, "outer", NULL), -EINVAL);
	needs_done(&needs);
}

static void refuses_endless_interpreters(void **state)
{
	_cleanup_free_ char *line = format_text("#!%s/loop\n", (char *)*state);
	struct needs needs = {0};
	struct diag diag;

	write_file("loop", line, strlen(line));
	assert_int_equal(needs_add(&needs, "loop", &diag), -ELOOP);
	assert_int_equal(needs.n, 0); /* not the half of it */
	write_file("empty", "#!", 2);
	assert_int_equal(needs_add(&needs, "empty", &diag), -EINVAL);
	write_file("gone", "#!/nonexistent/sh", 17);
	assert_int_equal(needs_add(&needs, "gone", &diag), -ENOENT);
	assert_int_equal(needs_add(&needs, "absent", &diag), -ENOENT);
	needs_done(&needs);
}

/* A copy of this program that asks for another loader, which must never run. */
static void refuses_other_loaders(void **state)
{
	static const char *const loaders[] = {"/tmp64/ld-linux-x86-64.so.2",
		"/lib64/../tmp/ld-linux.so.2", "/lib64/ld-nothing-here.so.2",
		"lib64/ld-linux-x86-64.so.2"};
	_cleanup_bytes_ struct bytes bytes = {0};
	struct needs needs = {0};
	struct diag diag;

	assert_int_equal(read_file("/proc/self/exe", 1 << 28, &bytes), 0);
	char *at = memmem(bytes.data, bytes.size, "/lib64/ld-linux-x86-64.so.2", 28);
	if (!at)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++) {
		memset(at, 0, 28);
		strcpy(at, loaders[i]);
		write_file("other", bytes.data, bytes.size);
		assert_int_equal(needs_add(&needs, "other", &diag), -EPERM);
		assert_non_null(strstr(diag.message, loaders[i]));
		assert_int_equal(needs.n, 0);
	}
	memset(at, 0, 28);
	write_file("none", bytes.data, bytes.size);
	assert_int_equal(needs_add(&needs, "none", &diag), 0);
	assert_int_equal(needs.n, 0);
}

static void needs_nothing_that_is_no_program(void **state)
{
	struct needs needs = {0};

	write_file("text", "hello\n", 6);
	assert_int_equal(needs_add(&needs, "text", NULL), 0);
	write_file("nothing", "", 0);
	assert_int_equal(needs_add(&needs, "nothing", NULL), 0);
	assert_int_equal(needs.n, 0);
	uint8_t elf32[300] = {0x7f, 'E', 'L', 'F', 1};
	write_file("elf32", elf32, sizeof(elf32));
	assert_int_equal(needs_add(&needs, "elf32", NULL), -EINVAL);
}

static void reads_lists(void **state)
{
	struct needs needs = {0};
	struct diag diag = {0};

	write_file("liba.so", "a", 1);
	write_file("lib b.so", "b", 1);
	_cleanup_free_ char *list = format_text("\tlinux-vdso.so.1 (0x00007f)\n"
						"a remark\n"
						"\tliba.so => %s/liba.so (0x1)\n"
						"\t%s/lib b.so (0x2)\n"
						"\tliba.so.1 => %s/./liba.so (0x3)\n",
		(char *)*state, (char *)*state, (char *)*state);
	assert_int_equal(needs_read_list(&needs, "x", list, &diag), 0);
	assert_int_equal(needs.n, 2);
	assert_non_null(find(&needs, "/liba.so"));
	assert_non_null(find(&needs, "/lib b.so"));
	assert_int_equal(
		needs_read_list(&needs, "x", "\tlibc.so.7 => not found\n", &diag), -ENOENT);
	assert_string_equal(diag.message, "'x' needs 'libc.so.7', which is not there");
	assert_int_equal(
		needs_read_list(&needs, "x", "\tl => /nonexistent/l (0x1)\n", &diag), -ENOENT);
	assert_int_equal(needs.n, 2);
	needs_done(&needs);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_a_program_once),
		TEST(clears_the_environment),
		TEST(follows_interpreters),
		TEST(refuses_endless_interpreters),
		TEST(refuses_other_loaders),
		TEST(needs_nothing_that_is_no_program),
		TEST(reads_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
