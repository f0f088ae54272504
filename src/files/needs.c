/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From a program to the files that the kernel and its loader map beside it. The loader knows best
 * where libraries are, so it is asked; nothing of the program itself runs then.
 */

#include "src/files/needs.h"

#include <elf.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/file.h"

#define SEGMENTS_LIMIT 64
#define LINE_LIMIT     256 /* BINPRM_BUF_SIZE: bytes that the kernel reads of a script */
#define DEPTH_LIMIT    5   /* of interpreters: the kernel's own */
#define LIST_LIMIT     (1 << 20)

void needs_done(struct needs *needs)
{
	for (size_t i = 0; i < needs->n; i++)
		free(needs->items[i].path);
	free(needs->items);
	*needs = (struct needs){0};
}

/* *ret, if it is wanted, is the need's path and stays its own. */
static int add(struct needs *needs, const char *path, enum bs_role role, const char **ret,
	struct diag *reterr)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	size_t i;

	if (!real)
		return diag_set(reterr, -errno, "can't find '%s': %s", path, strerror(errno));
	for (i = 0; i < needs->n; i++)
		if (strcmp(needs->items[i].path, real) == 0)
			break;
	if (i == needs->n) {
		struct need *grown = reallocarray(needs->items, i + 1, sizeof(*grown));
		if (!grown)
			return diag_set(reterr, -ENOMEM, "out of memory");
		needs->items = grown;
		needs->items[needs->n++] = (struct need){TAKE_PTR(real), role};
	}
	if (ret)
		*ret = needs->items[i].path;
	return 0;
}

/* --- the loader ----------------------------------------------------------------------------- */

/* Do it and each directory of its path belong to root, and can only root write them? */
static bool is_trusted(const char *path)
{
	_cleanup_free_ char *part = strdup(path);
	struct stat st;

	if (!part || stat("/", &st) < 0 || st.st_uid != 0 || st.st_mode & 022)
		return false;
	for (char *next = part; next;) {
		next = strchr(next + 1, '/');
		if (next)
			*next = 0;
		if (lstat(part, &st) < 0 || st.st_uid != 0 || st.st_mode & 022)
			return false;
		if (next)
			*next = '/';
	}
	return S_ISREG(st.st_mode);
}

/* Its path into *ret, on the heap. The name comes out of a file: not every one is a loader's. */
static int find_loader(const char *path, const char *interpreter, char **ret, struct diag *reterr)
{
	_cleanup_free_ char *real = NULL;

	if (fnmatch("/lib*/ld-*.so.*", interpreter, FNM_PATHNAME | FNM_PERIOD) == 0)
		real = realpath(interpreter, NULL);
	if (!real || !is_trusted(real)) {
		diag_set(reterr, -EPERM, "'%s' asks for the loader '%s', which is not trusted",
			path, interpreter);
		diag_hint(reterr,
			"only '/lib*/ld-*.so.*' is asked, when it is root's and nobody else can write it; sign the libraries one by one");
		return -EPERM;
	}
	*ret = TAKE_PTR(real);
	return 0;
}

/* In the child: no descriptor but the three, and no variable that the loader obeys. */
static void __attribute__((noreturn)) exec_loader(const char *loader, const char *path, int out)
{
	char *const arguments[] = {(char *)loader, (char *)"--list", (char *)path, NULL};
	char *const environment[] = {(char *)"LC_ALL=C", NULL};
	int null = open_path(AT_FDCWD, "/dev/null", O_RDWR, 0);

	if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0 &&
		close_range(3, ~0U, 0) == 0)
		execve(loader, arguments, environment);
	_exit(127);
}

/* The output of the loader; -ENOEXEC when it failed. */
static int run_loader(const char *loader, const char *path, struct bytes *ret, struct diag *reterr)
{
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return diag_set(reterr, -errno, "can't make a pipe: %s", strerror(errno));
	pid_t child = fork();
	if (child == 0)
		exec_loader(loader, path, ends[1]);
	int r = child < 0 ? -errno : 0;
	close(ends[1]);
	if (r == 0)
		r = read_fd(ends[0], LIST_LIMIT, ret);
	close(ends[0]);
	if (child > 0 && waitpid(child, &status, 0) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		return diag_set(reterr, r, "can't run '%s': %s", loader, strerror(-r));
	if (status == 0)
		return 0;
	return diag_set(reterr, -ENOEXEC, "'%s' cannot list what '%s' needs: %.*s", loader, path,
		(int)strcspn((char *)ret->data, "\n"), (char *)ret->data);
}

/* "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f…)", or without the arrow. */
static int read_line(struct needs *needs, const char *path, char *line, struct diag *reterr)
{
	static const char missing[] = " => not found";
	char *arrow = strstr(line, " => "), *end = strstr(line, " (0x");

	line += strspn(line, "\t ");
	if (arrow && strncmp(arrow, missing, strlen(missing)) == 0) {
		diag_set(reterr, -ENOENT, "'%s' needs '%.*s', which is not there", path,
			(int)(arrow - line), line);
		diag_hint(reterr, "install it");
		return -ENOENT;
	}
	if (!end)
		return 0; /* a remark of the loader's */
	*end = 0;
	if (arrow && arrow < end)
		line = arrow + strlen(" => ");
	/* Only the kernel's own (linux-vdso.so.1) is no file. */
	return strchr(line, '/') ? add(needs, line, BS_ROLE_LIBRARY, NULL, reterr) : 0;
}

int needs_read_list(struct needs *needs, const char *path, const char *list, struct diag *reterr)
{
	_cleanup_free_ char *text = strdup(list);
	char *next = text, *line;
	int r = 0;

	if (!text)
		return diag_set(reterr, -ENOMEM, "out of memory");
	while (r == 0 && (line = strsep(&next, "\n")))
		r = read_line(needs, path, line, reterr);
	return r;
}

static int add_libraries(
	struct needs *needs, const char *path, const char *interpreter, struct diag *reterr)
{
	_cleanup_free_ char *loader = NULL, *real = realpath(path, NULL);
	_cleanup_bytes_ struct bytes list = {0};

	if (!real)
		return diag_set(reterr, -errno, "can't find '%s': %s", path, strerror(errno));
	int r = find_loader(path, interpreter, &loader, reterr);
	if (r == 0)
		r = add(needs, loader, BS_ROLE_LIBRARY, NULL, reterr);
	if (r == 0)
		r = run_loader(loader, real, &list, reterr);
	return r == 0 ? needs_read_list(needs, path, (const char *)list.data, reterr) : r;
}

/* --- the program ---------------------------------------------------------------------------- */

union start {
	char text[LINE_LIMIT];
	Elf64_Ehdr elf;
};

/* PT_INTERP into text; empty without one. */
static int read_interpreter(int fd, const Elf64_Ehdr *header, char text[static LINE_LIMIT])
{
	Elf64_Phdr segments[SEGMENTS_LIMIT];
	size_t size = 0, n;

	int r = read_at(fd, segments, sizeof(segments), header->e_phoff, &size);
	if (r < 0)
		return r;
	n = size / sizeof(*segments) < header->e_phnum ? size / sizeof(*segments) : header->e_phnum;
	text[0] = 0;
	for (size_t i = 0; i < n; i++) {
		if (segments[i].p_type != PT_INTERP)
			continue;
		r = read_at(fd, text, LINE_LIMIT, segments[i].p_offset, &size);
		if (r == 0 && (!size || size < segments[i].p_filesz || !memchr(text, 0, size)))
			r = -EINVAL;
		return r;
	}
	return 0;
}

static int add_elf(struct needs *needs, const char *path, int fd, const Elf64_Ehdr *header,
	struct diag *reterr)
{
	char interpreter[LINE_LIMIT] = "";
	int r = -EINVAL;

	if (header->e_ident[EI_CLASS] == ELFCLASS64)
		r = read_interpreter(fd, header, interpreter);
	if (r == -EINVAL) {
		diag_set(reterr, r, "'%s' is no 64-bit program that can be read", path);
		diag_hint(reterr, "sign it and its libraries one by one, without --libraries");
		return r;
	}
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	return interpreter[0] ? add_libraries(needs, path, interpreter, reterr) : 0;
}

static int add_program(struct needs *needs, const char *path, unsigned depth, struct diag *reterr);

/* The first word after "#!", as the kernel takes it. */
static int add_script(
	struct needs *needs, const char *path, char *line, unsigned depth, struct diag *reterr)
{
	const char *interpreter;

	line += strspn(line, " \t");
	line[strcspn(line, " \t\n")] = 0;
	if (line[0] != '/') {
		diag_set(reterr, -EINVAL, "the interpreter of '%s' is '%s', no absolute path", path,
			line);
		diag_hint(reterr, "write it in full in the script's first line");
		return -EINVAL;
	}
	int r = add(needs, line, BS_ROLE_EXECUTABLE, &interpreter, reterr);
	return r == 0 ? add_program(needs, interpreter, depth + 1, reterr) : r;
}

static int add_program(struct needs *needs, const char *path, unsigned depth, struct diag *reterr)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
	union start start = {0};
	size_t size = 0;

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", path, strerror(-fd));
	if (depth > DEPTH_LIMIT)
		return diag_set(
			reterr, -ELOOP, "'%s' is one interpreter of scripts too many", path);
	int r = read_at(fd, &start, sizeof(start) - 1, 0, &size);
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	if (strncmp(start.text, "#!", 2) == 0)
		return add_script(needs, path, start.text + 2, depth, reterr);
	if (size >= sizeof(start.elf) && memcmp(start.text, ELFMAG, SELFMAG) == 0)
		return add_elf(needs, path, fd, &start.elf, reterr);
	return 0;
}

int needs_add(struct needs *needs, const char *path, struct diag *reterr)
{
	size_t n = needs->n;

	int r = add_program(needs, path, /* depth= */ 0, reterr);
	while (r < 0 && needs->n > n)
		free(needs->items[--needs->n].path);
	return r;
}
