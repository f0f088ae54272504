/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Messages of the two programs on stderr, in one voice. */

#include "src/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/text.h"

static void print_to(FILE *out, const char *kind, const char *format, va_list arguments, int r)
{
	_cleanup_free_ char *text = NULL;
	int n = vasprintf(&text, format, arguments);

	fprintf(out, "%s: %s%s", program_invocation_short_name, kind,
		n < 0 ? "out of memory" : text);
	if (r < 0)
		fprintf(out, ": %s", strerror(-r));
	fputc('\n', out);
	if (n < 0)
		text = NULL;
}

static void print(const char *kind, const char *format, va_list arguments, int r)
{
	print_to(stderr, kind, format, arguments, r);
}

int log_error_errno(int r, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("", format, arguments, r);
	va_end(arguments);
	return r;
}

void log_error(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("", format, arguments, 0);
	va_end(arguments);
}

/* One write(2) is one message there. */
static void print_to_kernel(const char *text)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, "/dev/kmsg", O_WRONLY, 0);
	_cleanup_free_ char *line =
		format_text("<2>%s: %s\n", program_invocation_short_name, text); /* KERN_CRIT */

	if (fd >= 0 && line && write(fd, line, strlen(line)) < 0)
		log_error_errno(-errno, "can't write to the kernel's log");
}

void log_alert(const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	log_error("%s", text ?: "out of memory");
	if (text)
		/* not of an ordinary user, nor in a container: stderr has it */
		print_to_kernel(text);
}

void log_warning(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("warning: ", format, arguments, 0);
	va_end(arguments);
}

void log_warning_to(FILE *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print_to(out, "warning: ", format, arguments, 0);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("", format, arguments, 0);
	va_end(arguments);
}

int log_diag(int r, const struct diag *diag)
{
	diag_print(diag);
	return r;
}
