/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ring-buffer bytes to lines: whatever parses must print as one line of text and of JSON. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/record/lines.h"
#include "src/record/record.h"
#include "src/base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_one_line(const char *line)
{
	if (!line || strchr(line, '\n') || strchr(line, '\x1b'))
		abort();
}

/* Most inputs fail at the header; give it to half of them, so that the rest is reached. */
static size_t with_header(const uint8_t *data, size_t size, struct bs_record *record)
{
	memset(record, 0, sizeof(*record));
	memcpy(record, data, size < sizeof(*record) ? size : sizeof(*record));
	if (size == 0 || data[0] & 1)
		return size < sizeof(*record) ? size : sizeof(*record);
	record->version = BS_ABI_VERSION;
	record->size = sizeof(*record);
	record->op = BS_OP_EXEC + record->op % (BS_OP_END - 1);
	record->reason %= BS_REASON_END;
	record->action = BS_ACTION_APPROVED + record->action % 2;
	record->flags %= BS_RECORD_PIN << 1;
	return sizeof(*record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bs_record input, record;

	size = with_header(data, size, &input);
	if (record_parse(&input, size, &record) < 0)
		return 0;
	_cleanup_free_ char *text = lines_text(&record, 2);
	_cleanup_free_ char *json = lines_json(&record, 2);
	expect_one_line(text);
	expect_one_line(json);
	return 0;
}
