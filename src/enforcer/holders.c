/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Processes that had a descriptor of a program before the start. The hooks, which are attached,
 * note who comes to one from now on; an iterator of the kernel shows the tables of all tasks to
 * stock_holders(). A thread could move its descriptor past the iterator: stock_closed() notes who
 * closes one meanwhile, and a second round finds who was in the middle of it in the first.
 */

#include "src/enforcer/internal.h"

#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/base/base.h"
#include "src/base/text.h"

#define ROUNDS 3

static void detach(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

/* Once over all tasks. The kernel answers -EAGAIN where a million of files had nothing to say. */
static int look(int link)
{
	_cleanup_close_ int iterator = bpf_iter_create(link);
	char missed;
	ssize_t n;

	if (iterator < 0)
		return iterator;
	do
		n = read(iterator, &missed, sizeof(missed));
	while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return -errno;
	return n ? -ENOMEM : 0;
}

int holders_take(struct enforce *skeleton, struct diag *reterr)
{
	_cleanup_(detach) struct bpf_link *closed =
		bpf_program__attach(skeleton->progs.stock_closed);
	_cleanup_(detach) struct bpf_link *files =
		closed ? bpf_program__attach_iter(skeleton->progs.stock_holders, NULL) : NULL;
	int r = files ? 0 : -errno;

	for (int i = 0; i < ROUNDS && r == 0; i++)
		r = look(bpf_link__fd(files));
	if (r < 0)
		return diag_set(reterr, r,
			"can't take stock of the processes that have a program: %s", strerror(-r));
	return 0;
}
