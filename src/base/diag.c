/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Fills and prints struct diag. Knows nothing of what the messages are about. */

#include "src/base/diag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/text.h"

int diag_set(struct diag *reterr, int r, const char *format, ...)
{
	if (!reterr)
		return r;
	*reterr = (struct diag){0};

	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reterr->message, sizeof(reterr->message), format, arguments);
	va_end(arguments);
	return r;
}

void diag_hint(struct diag *reterr, const char *format, ...)
{
	if (!reterr)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reterr->hint, sizeof(reterr->hint), format, arguments);
	va_end(arguments);
}

void diag_at(struct diag *reterr, const char *file, unsigned line, unsigned column)
{
	if (!reterr)
		return;
	snprintf(reterr->file, sizeof(reterr->file), "%s", file);
	reterr->line = line;
	reterr->column = column;
}

static void print_escaped(FILE *out, const char *text)
{
	_cleanup_free_ char *escaped = escape_text(text, strlen(text));
	fputs(escaped ? escaped : "(out of memory)", out);
}

void diag_write(FILE *out, const struct diag *diag)
{
	fprintf(out, "%s: ", program_invocation_short_name);
	if (diag->file[0]) {
		print_escaped(out, diag->file);
		if (diag->line)
			fprintf(out, ":%u:%u", diag->line, diag->column);
		fputs(": ", out);
	}
	print_escaped(out, diag->message);
	if (diag->hint[0]) {
		fputs("; ", out);
		print_escaped(out, diag->hint);
	}
	fputc('\n', out);
}

void diag_print(const struct diag *diag)
{
	diag_write(stderr, diag);
}
