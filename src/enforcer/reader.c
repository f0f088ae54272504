/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who reads the records, as the kernel side and /proc say. */

#include "src/enforcer/enforcer.h"

#include <string.h>

#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"
#include "src/enforcer/internal.h"
#include "src/record/pod.h"

int enforcer_reader_parse(const char *stat, struct enforcer_reader *ret)
{
	const char *name = strchr(stat, '('), *end = strrchr(stat, ')');

	if (!name || !end || end < name || end[1] != ' ' || !end[2])
		return -EBADMSG;
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)(end - name - 1), name + 1);
	ret->stopped = end[2] == 'T' || end[2] == 't';
	return 0;
}

/* A file of its directory in /proc, as a text; NULL: it cannot be read. */
static char *read_process(uint32_t pid, const char *file)
{
	_cleanup_free_ char *path = format_text("/proc/%u/%s", pid, file);
	struct bytes text = {0};

	if (!path || read_file(path, 65536, &text) < 0)
		return NULL;
	return (char *)text.data;
}

/* The names of a process that may end meanwhile. */
static void name_reader(struct enforcer_reader *reader)
{
	_cleanup_free_ char *stat = read_process(reader->pid, "stat");
	_cleanup_free_ char *cgroups = read_process(reader->pid, "cgroup");
	char *path = cgroups ? strstr(cgroups, "0::/") : NULL; /* of the v2 hierarchy */

	if (stat)
		enforcer_reader_parse(stat, reader);
	if (!path)
		return;
	path[strcspn(path, "\n")] = 0;
	if (pod_of_path(path + strlen("0::"), POD_LOGS, reader->unit, sizeof(reader->unit)) < 0)
		reader->unit[0] = 0;
}

int enforcer_reader(struct enforcer *enforcer, struct enforcer_reader *ret)
{
	struct bs_state state = {0};
	uint64_t before;
	int r, answer;

	do { /* until the answer is about the process that the state names */
		r = enforcer_state(enforcer, &state);
		before = state.reader;
		answer = r < 0 ? r : hook_call(BS_COMMAND_READER, 0);
		if (r == 0)
			r = enforcer_state(enforcer, &state);
	} while (r == 0 && state.reader != before);
	if (r < 0 || answer == -EALREADY)
		return r < 0 ? r : 0;
	if (answer < 0)
		return answer;
	*ret = (struct enforcer_reader){
		.pid = (uint32_t)before, .number = (uint32_t)(before >> 32)};
	name_reader(ret);
	return 1;
}

char *enforcer_reader_text(const struct enforcer_reader *reader)
{
	_cleanup_free_ char *name = escape_text(reader->name, strlen(reader->name));
	_cleanup_free_ char *unit = escape_text(reader->unit, strlen(reader->unit));
	bool named = reader->name[0], placed = reader->unit[0];

	if (!name || !unit)
		return NULL;
	const char *quote = named ? "'" : "";
	return format_text("process %u%s%s%s%s%s%s%s%s", reader->pid, named || placed ? " (" : "",
		quote, name, quote, named && placed ? ", " : "", unit, named || placed ? ")" : "",
		reader->stopped ? ", which is stopped" : "");
}
