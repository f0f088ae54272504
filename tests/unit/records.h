/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A record as the BPF side would write it, for the tests of what reads it. */

#include <string.h>

#include "bpf/contract/abi.h"

static inline struct bs_record sample_record(void)
{
	struct bs_record record = {
		.version = BS_ABI_VERSION,
		.size = sizeof(record),
		.time_ns = 5000000000,
		.pid = 285,
		.tgid = 284,
		.op = BS_OP_LOAD,
		.action = BS_ACTION_DENIED,
		.reason = BS_REASON_UNSIGNED,
		.flags = BS_RECORD_PROG_TYPE,
		.type = 6, /* xdp */
		.comm = "eve",
		.object = "from_netdev",
		.path = "/tmp/eve",
	};
	return record;
}
