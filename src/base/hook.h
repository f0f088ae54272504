/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The hook on bpf(2), which answers commands of its own: BS_COMMAND_* of abi.h. Without enforcement
 * the kernel refuses them.
 */

#include <stdbool.h>

#include "bpf/contract/abi.h"

/* Calls a command with one number: 0 when the hook answers it, else -errno. */
int hook_call(long command, int number);

/* Does it take this process for a control program? The call judges an old mark anew. */
bool hook_is_control(void);

/*
 * Is what failed with this errno worth another try? After a change of policy or of who is trusted,
 * a hook that cannot sleep answers a control program EBUSY until its next bpf(2); of that, /proc
 * and keyring searches make EACCES. true: that call is made, and we are one. *rounds begins at 0.
 * false: errno is the error; EPERM where it was EBUSY and we are none; EBUSY after HOOK_ROUNDS.
 */
#define HOOK_ROUNDS 64
bool hook_again(int error, int *rounds);
