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
	_cleanup_close_ int directory = state_open(root, /* make= */ false, NULL);
	_cleanup_close_ int found =
		directory < 0 ? directory : open_path(directory, LIST, O_PATH | O_NOFOLLOW, 0);
	_cleanup_close_ int fd = found < 0 ? found : open_found(found, directory, LIST, 0);
	_cleanup_bytes_ struct bytes text = {0};

	*ret = (struct unsigned_files){0};
	if (fd < 0 || read_fd(fd, LIST_LIMIT, &text) < 0)
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
	size_t size = 0;
	_cleanup_free_ char *text = list_text(files, &size);
	_cleanup_close_ int directory = text ? state_open(root, /* make= */ files->n > 0, reterr)
					     : diag_set(reterr, -ENOMEM, "out of memory");
	int r = directory < 0 ? directory : 0;

	if (files->n == 0 && (r == -ENOENT || r == -ENOTDIR))
		return 0;
	if (r < 0)
		return r;
	if (files->n > 0)
		r = write_file_at(directory, LIST, text, size, 0600);
	else if (unlinkat(directory, LIST, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? diag_set(reterr, r, "can't write '%s" STATE_DIRECTORY "/" LIST "': %s", root,
			       strerror(-r))
		     : 0;
}
