/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where something stands in a text file, for messages. */

struct position {
	unsigned line, column; /* from 1; line 0: it is not there */
};
