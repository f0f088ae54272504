/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The highest sequences seen, between the map and a file. */

#include "src/enforcer/internal.h"

#include <inttypes.h>
#include <string.h>

#include <bpf/bpf.h>

#include "src/base/file.h"
#include "src/base/text.h"

/* One "SIGNER NAME SEQUENCE" a line, as sequences_show() writes it. */
static bool parse_line(const char *line, struct bs_sequence_key *key, uint64_t *ret)
{
	char digits[21] = "";
	int end = 0;

	*key = (struct bs_sequence_key){0};
	sscanf(line, "%63[a-z0-9._-] %63[a-z0-9._-] %20[0-9]%n", key->signer, key->name, digits,
		&end);
	errno = 0;
	*ret = strtoull(digits, NULL, 10);
	return end > 0 && !line[end] && errno == 0;
}

/* How many lines are not restored, or -errno. */
static int restore_lines(int map_fd, char *text)
{
	struct bs_sequence_key key;
	uint64_t sequence;
	int skipped = 0;

	for (char *line; (line = strsep(&text, "\n"));) {
		int r = *line ? -EINVAL : 0;
		if (*line && parse_line(line, &key, &sequence))
			r = bpf_map_update_elem(map_fd, &key, &sequence, BPF_ANY);
		if (r < 0 && r != -EINVAL && r != -E2BIG)
			return r;
		skipped += r < 0;
	}
	return skipped;
}

int sequences_restore(int map_fd, const char *path, enforcer_warn_fn warn)
{
	_cleanup_bytes_ struct bytes text = {0};
	int r = read_file(path, 16 << 20, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < text.size; i++) /* as much of a line as any other byte */
		text.data[i] = text.data[i] ?: '?';
	r = restore_lines(map_fd, (char *)text.data);
	_cleanup_free_ char *message = format_text(
		"%d lines of '%s' are skipped: of the programs in them older versions may run again",
		r, path);
	if (r > 0 && warn && message)
		warn(message);
	return r < 0 ? r : 0;
}

char *sequences_show(int map_fd)
{
	struct bs_sequence_key key, next;
	char *text = NULL;
	size_t size = 0;
	uint64_t sequence;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (void *previous = NULL; bpf_map_get_next_key(map_fd, previous, &next) == 0;) {
		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(map_fd, &key, &sequence) == 0)
			fprintf(out, "%s %s %" PRIu64 "\n", key.signer, key.name, sequence);
	}
	return fclose(out) == 0 ? text : NULL;
}
