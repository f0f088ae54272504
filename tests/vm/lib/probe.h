/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of probe share, and the acts that probe_tasks.c has for the table of probe.c. */

#include <sys/types.h>

enum { ALLOWED, REFUSED, COULD_NOT_TRY, OTHER_ERRNO };

/* Prints what the kernel answered, by errno when r is negative; the exit status. */
int report(const char *act, long r);

/* Says why; the exit status. */
int could_not_try(const char *why);

/* A program of that type that does nothing: its descriptor, or -1. */
long load(unsigned type, unsigned attach_type, const char *name);

/* The exit status of a child. */
int wait_for(pid_t child);

int act_thread(char **argument);
int act_fork(char **argument);
int act_clone_vm(char **argument);
int act_vfork(char **argument);
int act_vfork_exec(char **argument);
int act_exec(char **argument);
int act_traced_exec(char **argument);
int act_shared_fs_exec(char **argument);
int act_in_user_namespace(char **argument);
int act_seccomp_exec(char **argument);
int act_attach(char **argument);
int act_open_memory(char **argument);
int act_process_vm(char **argument);
int act_pidfd_getfd(char **argument);
int act_sleep(char **argument);
int act_traceme(char **argument);
