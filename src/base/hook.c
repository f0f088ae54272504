/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/hook.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int hook_call(long command, int number)
{
	char attr[128] = {0};

	memcpy(attr, &number, sizeof(number));
	if (syscall(SYS_bpf, command, attr, sizeof(attr)) >= 0)
		return -ENODEV;
	return errno == ECANCELED ? 0 : -errno;
}

bool hook_is_control(void)
{
	return hook_call(BS_COMMAND_CONTROL, 0) == 0;
}

bool hook_again(int error, int *rounds)
{
	bool busy = error == EBUSY || error == EACCES;
	bool is_control = busy && hook_is_control();

	if (is_control && ++*rounds <= HOOK_ROUNDS)
		return true;
	errno = error != EBUSY ? error : is_control ? EBUSY : EPERM;
	return false;
}
