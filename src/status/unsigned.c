/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The list of files that could not be signed, on disk. */

#include "src/status/unsigned.h"

#include <string.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/state.h"
#include "src/base/text.h"

#define LIST       "unsigned"
#define LIST_LIMIT (16 << 20) /* bytes */

void unsigned_done(struct unsigned_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->items[i].what);
		free(files->items[i].why);
	}
	free(files->items);
	*files = (struct unsigned_files){0};
}

/* Takes both texts. */
static void append(struct unsigned_files *files, char *what, char *why)
{
	struct unsigned_file *grown =
		reallocarray(files->items, files->n + 1, sizeof(*files->items));

	if (grown)
		files->items = grown;
	if (!grown || !what || !why) {
		free(what);
		free(why);
		return;
	}
	files->items[files->n++] = (struct unsigned_file){what, why};
}

void unsigned_add(struct unsigned_files *files, const char *what, const char *why)
{
	append(files, escape_text(what, strlen(what)), escape_text(why, strlen(why)));
}

/* The list is printed, and its file not trusted: no byte of it may drive a terminal. */
static void add_line(struct unsigned_files *files, char *line)
{
	char *why = strchr(line, '\t');

	if (!why)
		return;
	*why++ = 0;
	for (char *c = line; c < why + strlen(why); c++)
		if (*c && (unsigned char)*c < ' ')
			*c = '?';
	append(files, strdup(line), strdup(why));
}

void unsigned_load(const char *root, struct unsigned_files *ret)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_bytes_ struct bytes text = {0};

	*ret = (struct unsigned_files){0};
	if (state_path(root, LIST, &path, NULL) < 0 || read_file(path, LIST_LIMIT, &text) < 0)
		return;
	for (char *rest = (char *)text.data, *line; (line = strsep(&rest, "\n"));)
		add_line(ret, line);
}

static char *list_text(const struct unsigned_files *files, size_t *ret_size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	for (size_t i = 0; out && i < files->n; i++)
		fprintf(out, "%s\t%s\n", files->items[i].what, files->items[i].why);
	if (!out || fclose(out) != 0)
		return NULL;
	return text;
}

int unsigned_save(const char *root, const struct unsigned_files *files, struct diag *reterr)
{
	_cleanup_free_ char *path = NULL;
	size_t size = 0;
	_cleanup_free_ char *text = list_text(files, &size);
	int r = text ? state_path(root, LIST, &path, reterr)
		     : diag_set(reterr, -ENOMEM, "out of memory");

	if (r < 0)
		return r;
	if (files->n == 0)
		r = unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR ? -errno : 0;
	else if ((r = state_make(path, reterr)) < 0)
		return r;
	else
		r = write_file_atomic(path, text, size, 0600);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r)) : 0;
}
