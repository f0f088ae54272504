/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The commands that the hook on bpf() answers; see bpf/contract/abi.h. */

#include "src/enforcer/enforcer.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/enforcer/internal.h"

int enforcer_call(long command, int number)
{
	char attr[128] = {0};

	memcpy(attr, &number, sizeof(number));
	if (syscall(SYS_bpf, command, attr, sizeof(attr)) >= 0)
		return -ENODEV;
	return errno == ECANCELED ? 0 : -errno;
}

static int call_hook(long command)
{
	return enforcer_call(command, 0);
}

bool enforcer_is_control(void)
{
	return call_hook(BS_COMMAND_CONTROL) == 0;
}

bool enforcer_is_alive(void)
{
	return call_hook(BS_COMMAND_ALIVE) == 0;
}

bool enforcer_is_broken(void)
{
	return geteuid() == 0 && call_hook(BS_COMMAND_ALIVE) == -EPERM;
}

int enforcer_seal(void)
{
	return call_hook(BS_COMMAND_KEYRING_SEAL);
}
