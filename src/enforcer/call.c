/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The commands that the hook on bpf() answers; see bpf/contract/abi.h. */

#include "src/enforcer/enforcer.h"

#include <errno.h>
#include <unistd.h>

#include "src/base/hook.h"

bool enforcer_is_control(void)
{
	return hook_is_control();
}

bool enforcer_is_alive(void)
{
	return hook_call(BS_COMMAND_ALIVE, 0) == 0;
}

bool enforcer_is_broken(void)
{
	return geteuid() == 0 && hook_call(BS_COMMAND_ALIVE, 0) == -EPERM;
}

int enforcer_seal(void)
{
	return hook_call(BS_COMMAND_KEYRING_SEAL, 0);
}
