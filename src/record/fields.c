/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the numbers of a record to words. Knows nothing of how they are printed. */

#include "src/record/fields.h"

#include <string.h>

#include "src/base/text.h"
#include "src/names/detail.h"
#include "src/names/names.h"
#include "src/record/pod.h"

/* Of the kernel and policy in force: one for the process, set before the first line. */
static struct detail_names names;

void record_set_names(const struct functions *functions, const struct bs_kfuncs *kfuncs)
{
	names = (struct detail_names){functions, kfuncs};
}

/* --- values --------------------------------------------------------------------------------- */

static void set_word(struct record_value *ret, const char *word)
{
	ret->kind = RECORD_WORD;
	ret->word = word;
}

/* An empty text is no field. */
static void set_text(struct record_value *ret, const char *text)
{
	if (text[0])
		set_word(ret, text);
}

static void set_number(struct record_value *ret, uint64_t number)
{
	ret->kind = RECORD_NUMBER;
	ret->number = number;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* A mount of the file itself that is attached nowhere, as runc makes one, has no name. */
static const char *process_name(const struct bs_record *record)
{
	const char *name = base_name(record->path);
	return *name ? name : record->comm;
}

/* The object of the record is the variable for which an exec was refused its rights. */
static bool is_variable(const struct bs_record *record)
{
	return record->op == BS_OP_EXEC && record->reason == BS_REASON_ENVIRONMENT &&
	       record->object[0];
}

static const char *action_name(const struct bs_record *record)
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

/* --- getters: GET(name) is called for one field of a record --------------------------------- */

#define GET(name)                                                                                  \
	static void get_##name(const struct record_field *field, const struct bs_record *record,   \
		unsigned repeats, enum record_output output, struct record_value *ret)

GET(process)
{
	set_word(ret, process_name(record));
}

GET(pid)
{
	set_number(ret, record->tgid);
}

GET(pod)
{
	if (record->pod.name[0])
		snprintf(ret->buffer, sizeof(ret->buffer), "%.*s", BS_POD_NAME, record->pod.name);
	else if (pod_of_cgroup(record->cgroup, ret->buffer, sizeof(ret->buffer)) < 0)
		snprintf(ret->buffer, sizeof(ret->buffer), "%s",
			record->flags & BS_RECORD_MARKED ? record->program : process_name(record));
	set_word(ret, ret->buffer);
}

GET(namespace)
{
	snprintf(ret->buffer, sizeof(ret->buffer), "%.*s", BS_NAME_SIZE, record->pod.space);
	set_text(ret, ret->buffer);
}

GET(op)
{
	set_word(ret, op_name(record->op));
}

GET(type)
{
	bool prog = record->flags & BS_RECORD_PROG_TYPE;
	const char *name = prog ? prog_type_name(record->type) : map_type_name(record->type);

	if (!(record->flags & (BS_RECORD_PROG_TYPE | BS_RECORD_MAP_TYPE)))
		return;
	snprintf(ret->buffer, sizeof(ret->buffer), "%u", record->type);
	set_word(ret, name ?: ret->buffer);
}

GET(file)
{
	if (!(record->flags & BS_RECORD_FILE))
		return;
	set_text(ret, record->object);
	if (record->object[0] || output == RECORD_JOURNALD)
		return;
	set_word(ret, "(memory)");
	if (output == RECORD_JSON)
		ret->kind = RECORD_NULL;
}

GET(name)
{
	if (record->flags & BS_RECORD_FILE || is_variable(record) || !record->object[0])
		return;
	set_word(ret, record->flags & BS_RECORD_PIN ? base_name(record->object) : record->object);
}

GET(action)
{
	set_word(ret, action_name(record));
}

GET(signer)
{
	set_text(ret, record->signer);
	if (record->signer[0] || output == RECORD_JOURNALD)
		return;
	set_word(ret, "-");
	if (output == RECORD_JSON)
		ret->kind = RECORD_NULL;
}

GET(reason)
{
	set_word(ret, reason_name(record->reason));
}

GET(detail)
{
	struct detail detail;

	if (!detail_find(record->reason, record->detail, &names, &detail) ||
		strcmp(detail.key, field->key) != 0)
		return;
	if (detail.is_number) {
		set_number(ret, detail.value);
		return;
	}
	snprintf(ret->buffer, sizeof(ret->buffer), "%s", detail.text);
	set_word(ret, ret->buffer);
}

GET(variable)
{
	if (is_variable(record))
		set_word(ret, record->object);
}

GET(owner)
{
	set_text(ret, record->owner);
}

GET(mode)
{
	if (record->flags & BS_RECORD_OBSERVED)
		set_word(ret, "observe");
	else if (output != RECORD_TEXT)
		set_word(ret, "enforce");
}

GET(rule)
{
	if (record->line)
		set_number(ret, record->line);
}

GET(count)
{
	set_number(ret, repeats);
}

GET(time_ns)
{
	set_number(ret, record->time_ns);
}

GET(tid)
{
	set_number(ret, record->pid);
}

GET(ppid)
{
	set_number(ret, record->ppid);
}

GET(uid)
{
	set_number(ret, record->uid);
}

GET(comm)
{
	set_word(ret, record->comm);
}

GET(executable)
{
	set_word(ret, record->path);
}

GET(cgroup)
{
	set_number(ret, record->cgroup);
}

GET(program)
{
	if (record->flags & BS_RECORD_MARKED)
		set_word(ret, record->program);
}

GET(id)
{
	if (record->id)
		set_number(ret, record->id);
}

GET(alarm)
{
	ret->kind = RECORD_BOOLEAN;
	ret->number = !!(record->flags & BS_RECORD_ALARM);
}

/* "sha256:…" of the contents; "verity:sha256:…" as IMA's own list writes it. */
GET(measured)
{
	const struct bs_hash *hash = &record->measured;
	char hex[2 * BS_HASH_SIZE + 1];
	size_t size;
	const char *name = hash_name(hash->algorithm, &size);

	if (hash->kind == BS_HASH_NONE || !name)
		return;
	snprintf(ret->buffer, sizeof(ret->buffer), "%s%s:%s",
		hash->kind == BS_HASH_VERITY ? "verity:" : "", name,
		hex_encode(hash->bytes, size, hex));
	set_word(ret, ret->buffer);
	ret->is_verbatim = true;
}

/* --- the table ------------------------------------------------------------------------------ */

#define TEXT     RECORD_TEXT
#define JSON     RECORD_JSON
#define JOURNALD RECORD_JOURNALD
static const struct record_field fields[] = {
#define FIELD(key, json_key, outputs, get, doc) {key, json_key, outputs, get},
#include "src/record/fields.def"
#undef FIELD
};

const struct record_field *record_fields(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(fields);
	return fields;
}

bool record_value(const struct record_field *field, const struct bs_record *record,
	unsigned repeats, enum record_output output, struct record_value *ret)
{
	ret->kind = RECORD_ABSENT;
	ret->is_verbatim = false;
	ret->buffer[0] = 0;
	if (field->outputs & output)
		field->get(field, record, repeats, output, ret);
	return ret->kind != RECORD_ABSENT;
}
