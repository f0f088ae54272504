/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A page of memory that other processes can have too, with 42 in it; NULL with errno. */

#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE 4096

static inline int *map_shared(int file, int flags)
{
	int *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | flags, file, 0);

	if (memory == MAP_FAILED)
		return NULL;
	*memory = 42;
	return memory;
}

/* Gone when the last one detaches it. */
static inline int *make_segment(int *ret_id)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	int *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (memory == (void *)-1)
		return NULL;
	shmctl(id, IPC_RMID, NULL);
	*memory = 42;
	*ret_id = id;
	return memory;
}
