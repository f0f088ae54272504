/* SPDX-License-Identifier: GPL-2.0-or-later */

/* src/base/way.c: where root follows a path, and where somebody else could lead it. */

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/way.h"

#define STRANGER 12345
#define OTHER    12346

struct tree {
	char path[32];
	int fd, before;
};

static void put(const char *path, uid_t owner, mode_t mode)
{
	assert_int_equal(write_file_atomic(path, "x", 1, 0644), 0);
	assert_int_equal(chown(path, owner, owner), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void make(const char *path, uid_t owner, mode_t mode)
{
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chown(path, owner, owner), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void join(const char *text, const char *path, uid_t owner)
{
	assert_int_equal(symlink(text, path), 0);
	assert_int_equal(lchown(path, owner, owner), 0);
}

static int setup(void **state)
{
	static struct tree tree;

	if (geteuid() != 0)
		return 0; /* only root can make strangers' directories */
	strcpy(tree.path, "/tmp/way.XXXXXX");
	assert_non_null(mkdtemp(tree.path));
	tree.before = open_path(AT_FDCWD, ".", O_PATH, 0);
	assert_int_equal(chdir(tree.path), 0);
	tree.fd = open_path(AT_FDCWD, ".", O_PATH, 0);
	*state = &tree;

	make("usr", 0, 0755);
	put("usr/file", 0, 0644);
	put("usr/his", STRANGER, 0644);
	join("usr", "link", 0);
	join("/usr/file", "absolute", 0);
	join("loop", "loop", 0);
	make("home", STRANGER, 0755);
	put("home/file", STRANGER, 0644);
	put("home/roots", 0, 0644);
	make("home/inner", 0, 0755);
	put("home/inner/file", STRANGER, 0644);
	join("../usr", "home/out", STRANGER);
	join("/usr/file", "home/absolute", STRANGER);
	join("file", "home/near", STRANGER);
	join("/usr", "home/by-root", 0);
	make("open", 0, 0777);
	put("open/file", 0, 0644);
	make("sticky", 0, 01777);
	put("sticky/file", 0, 0644);
	make("sticky/inner", 0, 0755);
	put("sticky/inner/file", 0, 0644);
	join("/usr", "sticky/link", STRANGER);
	join("/usr", "sticky/roots", 0);
	make("group", 0, 0775);
	put("group/file", 0, 0644);
	assert_int_equal(mkfifo("usr/fifo", 0644), 0);
	return 0;
}

static int teardown(void **state)
{
	struct tree *tree = *state;
	char command[64];

	if (!tree)
		return 0;
	assert_int_equal(fchdir(tree->before), 0);
	close(tree->fd);
	close(tree->before);
	snprintf(command, sizeof(command), "rm -rf %s", tree->path);
	return system(command);
}

/* What way_open() says; the content of what it finds is read too. */
static int walk(const struct tree *tree, const char *path, unsigned flags)
{
	_cleanup_way_ struct way way = WAY_INIT;
	int r = way_open(tree->fd, path, flags, &way);

	if (r < 0)
		return r;
	_cleanup_close_ int fd = way_read(&way);
	return fd < 0 ? fd : 0;
}

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		int r;
	} paths[] = {
		{"usr/file", 0},
		{"/usr/./file", 0},
		{"//usr//file", 0},
		{"../../usr/file", 0}, /* never above the root */
		{"usr/../usr/file", 0},
		{"usr/his", 0}, /* root put it there */
		{"link/file", 0},
		{"absolute", 0},
		{"loop", -ELOOP},
		{"usr/missing", -ENOENT},
		{"", -ENOENT},
		{"usr/file/more", -ENOTDIR},
		{"usr", -EISDIR},
		{"usr/fifo", -EINVAL},
		{"home/file", 0},
		{"home/near", 0},
		{"home/../usr/file", -ENOLINK},
		{"home/roots", -ENOLINK},
		{"home/inner/file", -ENOLINK},
		{"home/out/file", -ENOLINK},
		{"home/out/his", -ENOLINK},
		{"home/absolute", -ENOLINK},
		{"home/by-root/file", -ENOLINK},
		{"open/file", -ENOLINK},
		{"sticky/file", -ENOLINK},
		{"sticky/inner/file", 0},
		{"sticky/link/file", -ENOLINK},
		{"sticky/roots/file", -ENOLINK},
		{"group/file", -ENOLINK},
	};

	for (size_t i = 0; *state && i < ARRAY_SIZE(paths); i++)
		if (walk(*state, paths[i].path, 0) != paths[i].r)
			fail_msg("%s: %d", paths[i].path, walk(*state, paths[i].path, 0));
}

static void test_found(void **state)
{
	_cleanup_way_ struct way way = WAY_INIT;
	struct tree *tree = *state;
	struct stat st;

	if (!tree)
		return;
	assert_int_equal(way_open(tree->fd, "link/file", WAY_ROOT, &way), 0);
	assert_string_equal(way.name, "file");
	assert_int_equal(fstatat(way.parent, "his", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(walk(tree, "link/file", WAY_NO_LINKS), -ELOOP);
	assert_int_equal(walk(tree, "absolute", WAY_NO_LINKS), -ELOOP);
	assert_int_equal(walk(tree, "usr/file", WAY_NO_LINKS), 0);
}

/* Whoever owns the root of a tree owns all of it. */
static void test_root(void **state)
{
	struct tree *tree = *state;

	if (!tree)
		return;
	assert_int_equal(chown(tree->path, STRANGER, STRANGER), 0);
	assert_int_equal(walk(tree, "usr/file", 0), -ENOLINK);
	assert_int_equal(walk(tree, "usr/file", WAY_ROOT), 0);
	assert_int_equal(walk(tree, "home/out/file", WAY_ROOT), 0);
	assert_int_equal(chown(tree->path, OTHER, OTHER), 0);
	assert_int_equal(walk(tree, "home/out/file", WAY_ROOT), -ENOLINK);
	assert_int_equal(chown(tree->path, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_root),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
