/* SPDX-License-Identifier: GPL-2.0-or-later */

/* verity32 FILE: FS_IOC_ENABLE_VERITY by the system call table of 32-bit programs. */

#include "tests/vm/lib/files.h"
#include "tests/vm/lib/verity.h"

#include <sys/mman.h>

int main(int argc, char **argv)
{
	const struct fsverity_enable_arg wanted = SHA256_OF_PAGES;
	int fd = open_file(argc > 1 ? argv[1] : "", O_RDONLY);
	struct fsverity_enable_arg *argument = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r;

	need(argument != MAP_FAILED, "mmap");
	*argument = wanted;
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(54 /* ioctl */), "b"(fd), "c"(FS_IOC_ENABLE_VERITY), "d"(argument)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = r < 0 ? (int)-r : 0;
	return report("verity32", r);
}
