/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/base.h"

#include <string.h>
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
