/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the numbers of a record to words. Knows nothing of how they are printed. */

#include "src/record/fields.h"

#include <string.h>

#include "src/names/names.h"
#include "src/record/pod.h"
#include "src/base/text.h"

/* Of the kernel and policy in force: one for the process, set before the first line. */
static struct detail_names names;

void words_set_names(const struct functions *functions, const struct bs_kfuncs *kfuncs)
{
	names = (struct detail_names){functions, kfuncs};
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

const char *words_process(const struct bs_record *record)
{
	/* none of a mount of the file itself that is nowhere, as runc makes one */
	const char *name = base_name(record->path);
	return *name ? name : record->comm;
}

const char *words_object(const struct bs_record *record)
{
	return record->flags & BS_RECORD_PIN ? base_name(record->object) : record->object;
}

void words_pod(const struct bs_record *record, char *ret, size_t size)
{
	if (record->pod.name[0]) {
		snprintf(ret, size, "%.*s", BS_POD_NAME, record->pod.name);
		return;
	}
	if (pod_of_cgroup(record->cgroup, ret, size) == 0)
		return;
	snprintf(ret, size, "%s",
		record->flags & BS_RECORD_MARKED ? record->program : words_process(record));
}

void words_type(const struct bs_record *record, char *ret, size_t size)
{
	bool prog = record->flags & BS_RECORD_PROG_TYPE;
	const char *name = prog ? prog_type_name(record->type) : map_type_name(record->type);

	if (name)
		snprintf(ret, size, "%s", name);
	else
		snprintf(ret, size, "%u", record->type);
}

bool words_has_type(const struct bs_record *record)
{
	return record->flags & (BS_RECORD_PROG_TYPE | BS_RECORD_MAP_TYPE);
}

const char *words_action(const struct bs_record *record)
{
	bool loads = record->flags & BS_RECORD_LOADS, maps = record->flags & BS_RECORD_MAPS;

	if (record->action == BS_ACTION_DENIED && record->op == BS_OP_LOCKDOWN)
		return "Denied"; /* it is not about BPF */
	if (record->action == BS_ACTION_DENIED)
		return record->op == BS_OP_EXEC || !(record->flags & BS_RECORD_MARKED) ? "BPFDenied"
										       : "Denied";
	if (record->op != BS_OP_EXEC)
		return "Approved";
	if (loads)
		return maps ? "ProgApproved,MapsApproved" : "ProgApproved,MapsDenied";
	return maps ? "ProgDenied,MapsApproved" : "ProgDenied,MapsDenied";
}

/* The variable that an exec was refused for is in object too. */
bool words_is_variable(const struct bs_record *record)
{
	return record->op == BS_OP_EXEC && record->reason == BS_REASON_ENVIRONMENT &&
	       record->object[0];
}

const char *words_hash(const struct bs_hash *hash, char text[WORDS_HASH_SIZE])
{
	char hex[2 * BS_HASH_SIZE + 1];
	size_t size;
	const char *name = hash_name(hash->algorithm, &size);

	text[0] = 0;
	if (hash->kind != BS_HASH_NONE && name)
		snprintf(text, WORDS_HASH_SIZE, "%s%s:%s",
			hash->kind == BS_HASH_VERITY ? "verity:" : "", name,
			hex_encode(hash->bytes, size, hex));
	return text;
}

bool words_detail(const struct bs_record *record, struct detail *ret)
{
	return detail_find(record->reason, record->detail, &names, ret);
}
