/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The load of probe.c and probe_tasks.c, and the acts of the latter for the table of the former. */

#include "tests/vm/lib/bpf.h"

/* A program of that type that does nothing. */
static inline long load_named(unsigned type, const char *name)
{
	return load_constant(0, type, 0, name);
}

void act_thread(char **argument);
void act_fork(char **argument);
void act_clone_vm(char **argument);
void act_vfork(char **argument);
void act_vfork_exec(char **argument);
void act_exec(char **argument);
void act_traced_exec(char **argument);
void act_shared_fs_exec(char **argument);
void act_in_user_namespace(char **argument);
void act_seccomp_exec(char **argument);
void act_attach(char **argument);
void act_open_memory(char **argument);
void act_process_vm(char **argument);
void act_pidfd_getfd(char **argument);
void act_sleep(char **argument);
void act_traceme(char **argument);
