/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign settle FILE…`: drops pages of a sealed file that were cached before the seal. */

#include <fcntl.h>
#include <string.h>

#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"

const struct option_spec settle_options[] = {{0}};

static int settle_file(const char *path)
{
	_cleanup_free_ char *escaped = escape_text(path, strlen(path));
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
	struct diag diag;

	int r = fd < 0 ? diag_set(&diag, fd, "can't open '%s': %s", path, strerror(-fd))
		       : verity_settle(path, fd, &diag);
	if (r < 0) {
		log_diag(r, &diag);
		return r == -EBUSY || r == -ENODATA ? EXIT_NO : EXIT_UNKNOWN;
	}
	printf("%s: settled\n", escaped ? escaped : "?");
	return EXIT_YES;
}

int cmd_settle(const struct command *command, int argc, char **argv)
{
	const char *argument;

	int status = arguments_end(command_option(command, argc, argv, &argument));
	if (status < 0)
		status = arguments_count(command, argc, 1, argc);
	if (status >= 0)
		return status;

	status = EXIT_YES;
	for (int i = optind; i < argc; i++) {
		int one = settle_file(argv[i]);
		status = one > status ? one : status;
	}
	return status;
}
