/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ownership, files and text. Nothing here knows about keys, policies or the kernel. */

#include "src/base/util.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void close_fd(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -EBADF;
	errno = saved;
}

void close_file(FILE **file)
{
	int saved = errno;
	if (*file)
		fclose(*file);
	*file = NULL;
	errno = saved;
}

void bytes_done(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}

void bytes_erase(struct bytes *bytes)
{
	if (bytes->data)
		explicit_bzero(bytes->data, bytes->size);
	bytes_done(bytes);
}

int open_path(int dir_fd, const char *path, int flags, mode_t mode)
{
	int fd = openat(dir_fd, path, flags | O_CLOEXEC | O_NOCTTY, mode);
	return fd < 0 ? -errno : fd;
}

int open_below(int dir_fd, const char *path, int flags, uint64_t resolve)
{
	/* openat2(2) is strict: no terminal with O_PATH. */
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.resolve = resolve};

	if (resolve == 0)
		return open_path(dir_fd, path, flags, 0);
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int read_fd(int fd, size_t limit, struct bytes *ret)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	size_t room = 0;

	for (;;) {
		if (bytes.size == room) {
			room = room ? room * 2 : 4096;
			uint8_t *grown = realloc(bytes.data, room + 1);
			if (!grown)
				return -ENOMEM;
			bytes.data = grown;
		}
		ssize_t n = read(fd, bytes.data + bytes.size, room - bytes.size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		bytes.size += (size_t)n;
		if (bytes.size > limit)
			return -EFBIG;
	}
	bytes.data[bytes.size] = 0;
	*ret = bytes;
	bytes = (struct bytes){0};
	return 0;
}

int read_file(const char *path, size_t limit, struct bytes *ret)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	return read_fd(fd, limit, ret);
}

int read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *ret_size)
{
	ssize_t n;

	do
		n = pread(fd, buffer, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret_size = (size_t)n;
	return 0;
}

int write_all(int fd, const void *data, size_t size)
{
	const uint8_t *next = data;

	while (size > 0) {
		ssize_t n = write(fd, next, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		next += n;
		size -= (size_t)n;
	}
	return 0;
}

int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!parent)
		return -ENOMEM;

	_cleanup_close_ int fd = open_path(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? -errno : 0;
}

static int fill_and_rename(
	int fd, const char *temporary, const char *path, const void *data, size_t size, mode_t mode)
{
	int r = write_all(fd, data, size);
	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(temporary, path) < 0)
		return -errno;
	return sync_parent(path);
}

int write_file_atomic(const char *path, const void *data, size_t size, mode_t mode)
{
	_cleanup_free_ char *temporary = format_text("%s.XXXXXX", path);
	if (!temporary)
		return -ENOMEM;

	_cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;

	int r = fill_and_rename(fd, temporary, path, data, size, mode);
	if (r < 0)
		unlink(temporary);
	return r;
}

int make_directories(const char *path, mode_t mode)
{
	_cleanup_free_ char *part = strdup(path);
	if (!part)
		return -ENOMEM;

	for (char *next = part; (next = strchr(next + 1, '/'));) {
		*next = 0;
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return -errno;
		*next = '/';
	}
	return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}

char *hex_encode(const void *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * size] = 0;
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -EINVAL;
}

int hex_decode(const char *text, void *data, size_t size)
{
	uint8_t *bytes = data;

	if (strlen(text) != 2 * size)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* Length of the valid, printable UTF-8 sequence at text, 0 if there is none (RFC 3629). */
static size_t utf8_length(const uint8_t *text, size_t size)
{
	size_t n = text[0] < 0x80   ? 1
		   : text[0] < 0xc2 ? 0
		   : text[0] < 0xe0 ? 2
		   : text[0] < 0xf0 ? 3
		   : text[0] < 0xf5 ? 4
				    : 0;

	if (n == 0 || n > size)
		return 0;
	if (n == 1)
		return text[0] >= 0x20 && text[0] != 0x7f;
	for (size_t i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (text[0] == 0xc2 && text[1] < 0xa0) /* C1 control characters */
		return 0;
	if (text[0] == 0xe0 && text[1] < 0xa0) /* overlong */
		return 0;
	if (text[0] == 0xed && text[1] >= 0xa0) /* surrogates */
		return 0;
	if (text[0] == 0xe2 && text[1] == 0x80 && (text[2] >= 0xa8 && text[2] <= 0xae))
		return 0; /* line separators and direction overrides */
	if (text[0] == 0xf0 && text[1] < 0x90)
		return 0;
	if (text[0] == 0xf4 && text[1] >= 0x90)
		return 0;
	return n;
}

char *escape_text(const char *text, size_t size)
{
	const uint8_t *next = (const uint8_t *)text, *end = next + size;
	char *escaped = malloc(4 * size + 1), *out = escaped;

	if (!escaped)
		return NULL;
	while (next < end) {
		size_t n = utf8_length(next, (size_t)(end - next));
		if (n == 1 && (*next == '"' || *next == '\\')) {
			*out++ = '\\';
			*out++ = (char)*next++;
		} else if (n > 0) {
			memcpy(out, next, n);
			out += n;
			next += n;
		} else if (*next == '\n' || *next == '\t') {
			*out++ = '\\';
			*out++ = *next++ == '\n' ? 'n' : 't';
		} else {
			out += sprintf(out, "\\x%02x", *next++);
		}
	}
	*out = 0;
	return escaped;
}

char *quote_text(const char *text, size_t size)
{
	_cleanup_free_ char *escaped = escape_text(text, size);
	return escaped ? format_text("\"%s\"", escaped) : NULL;
}

bool name_is_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");
	return n > 0 && n < 64 && name[n] == 0;
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[64];

	if (n >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[n];
}

const char *nearest_word(const char *text, const char *const *words, size_t n)
{
	const char *nearest = NULL;
	size_t best = strlen(text) / 3 + 2; /* farther than this is no typing error */

	for (size_t i = 0; i < n; i++) {
		size_t distance = words[i] ? edit_distance(text, words[i]) : SIZE_MAX;
		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}

char *format_text(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	int n = vasprintf(&text, format, arguments);
	va_end(arguments);
	return n < 0 ? NULL : text;
}
