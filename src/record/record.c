/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what comes out of the ring buffer as the input that it is. */

#include "src/record/record.h"

#include <errno.h>
#include <string.h>

#include "src/names/detail.h"
#include "src/base/base.h"

#define KNOWN_FLAGS ((BS_RECORD_FILE << 1) - 1)

static bool is_text(const char *text, size_t size)
{
	return memchr(text, 0, size);
}

static bool texts_are_valid(const struct bs_record *record)
{
	return is_text(record->comm, sizeof(record->comm)) &&
	       is_text(record->program, sizeof(record->program)) &&
	       is_text(record->signer, sizeof(record->signer)) &&
	       is_text(record->object, sizeof(record->object)) &&
	       is_text(record->owner, sizeof(record->owner)) &&
	       is_text(record->path, sizeof(record->path));
}

static bool numbers_are_valid(const struct bs_record *record)
{
	return record->op > BS_OP_NONE && record->op < BS_OP_END &&
	       record->reason < BS_REASON_END && !(record->flags & ~KNOWN_FLAGS) &&
	       detail_is_valid(record->reason, record->detail) &&
	       record->measured.kind < BS_HASH_END &&
	       (record->action == BS_ACTION_APPROVED || record->action == BS_ACTION_DENIED);
}

int record_parse(const void *data, size_t size, struct bs_record *ret)
{
	struct bs_record record;

	if (size < 2 * sizeof(uint32_t))
		return -EBADMSG;
	memcpy(&record, data, 2 * sizeof(uint32_t));
	if (record.version != BS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (record.size != sizeof(record) || size < sizeof(record))
		return -EBADMSG;
	memcpy(&record, data, sizeof(record));
	if (!numbers_are_valid(&record) || !texts_are_valid(&record))
		return -EBADMSG;
	*ret = record;
	return 0;
}
