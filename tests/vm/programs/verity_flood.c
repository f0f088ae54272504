/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * verity_flood DIRECTORY N [bad]: FS_IOC_ENABLE_VERITY on N empty files that stay in memory. Where
 * the file system has no fs-verity it fails, but not before the hook has seen it; with `bad` it
 * fails anywhere. Prints how many were refused with EPERM.
 */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/verity.h"

int main(int argc, char **argv)
{
	long refused = 0;
	char path[256];

	errno = EINVAL;
	need(argc > 2, "usage: verity_flood DIRECTORY N [bad]");
	for (long i = 0, n = atol(argv[2]); i < n; i++) {
		snprintf(path, sizeof(path), "%s/%ld", argv[1], i);
		int fd = set_up(path, open(path, O_RDONLY | O_CREAT, 0600));
		refused += (argc > 3 ? ioctl(fd, FS_IOC_ENABLE_VERITY, NULL) : enable_verity(fd)) <
				   0 &&
			   errno == EPERM;
		close(fd);
	}
	printf("verity_flood: %ld refused\n", refused);
	return refused > 0 ? REFUSED : ALLOWED;
}
