/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel held at an access to a file, by a fanotify permission event. */

#include "tests/vm/lib/files.h"

#include <stdint.h>
#include <sys/fanotify.h>

struct hold {
	int fan;
	struct fanotify_event_metadata event; /* the one that is not answered yet */
};

/* Asks for the events of that kind (FAN_*_PERM) on path. */
static inline void hold_begin(struct hold *hold, const char *path, uint64_t kind)
{
	hold->fan = set_up("fanotify_init",
		fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC));
	set_up("fanotify_mark", fanotify_mark(hold->fan, FAN_MARK_ADD, kind, AT_FDCWD, path));
}

/* The kernel is held when this returns; a minute without an event ends the program. */
static inline void hold_await(struct hold *hold)
{
	alarm(60);
	need(read(hold->fan, &hold->event, sizeof(hold->event)) == sizeof(hold->event), "no event");
	alarm(0);
}

/* No more events after this one. */
static inline void hold_last(struct hold *hold)
{
	set_up("flush", fanotify_mark(hold->fan, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL));
}

static inline void hold_answer(struct hold *hold)
{
	const struct fanotify_response response = {hold->event.fd, FAN_ALLOW};

	need(write(hold->fan, &response, sizeof(response)) == sizeof(response), "answer");
	close(hold->event.fd);
}
