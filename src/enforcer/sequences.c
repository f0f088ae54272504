/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The highest sequences seen, between the map and a file. */

#include "src/enforcer/internal.h"

#include <inttypes.h>
#include <string.h>

#include <bpf/bpf.h>

#include "src/base/file.h"

/* One "SIGNER NAME SEQUENCE" a line. */
static int restore_line(int map_fd, const char *line)
{
	struct bs_sequence_key key = {0};
	uint64_t sequence;

	if (sscanf(line, "%63s %63s %" SCNu64, key.signer, key.name, &sequence) != 3)
		return -EINVAL;
	return bpf_map_update_elem(map_fd, &key, &sequence, BPF_ANY);
}

int sequences_restore(int map_fd, const char *path)
{
	_cleanup_bytes_ struct bytes text = {0};
	int r = read_file(path, 16 << 20, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	char *rest = (char *)text.data, *line;
	while (r == 0 && (line = strsep(&rest, "\n")))
		if (*line)
			r = restore_line(map_fd, line);
	return r;
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
