/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a process can do to a pin, or to a directory of pins, each by its system call; output and
 * exit status as step.h says.
 */

#include "tests/vm/lib/loading.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static long pin_map(const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path)};

	attr.bpf_fd = (uint32_t)step("create", create(BPF_MAP_TYPE_ARRAY, "pinned", 0, 0));
	return bpf(BPF_OBJ_PIN, &attr);
}

static long act(const char *what, const char *path, const char *to)
{
	if (strcmp(what, "unlink") == 0)
		return unlink(path);
	if (strcmp(what, "rmdir") == 0)
		return rmdir(path);
	if (strcmp(what, "mkdir") == 0)
		return mkdir(path, 0700);
	if (strcmp(what, "rename") == 0)
		return rename(path, to);
	if (strcmp(what, "exchange") == 0)
		return renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_EXCHANGE);
	if (strcmp(what, "link") == 0)
		return link(path, to);
	if (strcmp(what, "symlink") == 0)
		return symlink("/nowhere", path);
	if (strcmp(what, "chmod") == 0)
		return chmod(path, 0777);
	if (strcmp(what, "chown") == 0)
		return chown(path, 1, 1);
	if (strcmp(what, "utimes") == 0)
		return utimensat(AT_FDCWD, path, NULL, 0);
	if (strcmp(what, "truncate") == 0)
		return truncate(path, 0);
	if (strcmp(what, "setxattr") == 0)
		return setxattr(path, to, "x", 1, 0);
	if (strcmp(what, "pin") == 0)
		return pin_map(path);
	errno = EINVAL;
	could_not_try("usage: pins ACT PATH [TO]");
	return -1;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		could_not_try("usage: pins ACT PATH [TO]");
	step(argv[1], act(argv[1], argv[2], argc > 3 ? argv[3] : ""));
	return ALLOWED;
}
