/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign keys`: the signers, their keys, and whether the kernel has them now. */

#include <string.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/kernel_rings.h"
#include "keyring/keyring.h"
#include "src/base/base.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/command/table.h"

enum { OPTION_JSON };
const struct option_spec keys_options[] = {
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

/* The facts about one anchor. */
struct row {
	const struct anchor *anchor;
	char algorithm[ALGORITHM_NAME_SIZE];
	char expires[DATE_TEXT_SIZE];
	key_serial_t ring, key;              /* 0: not in the kernel, or not known */
	key_serial_t rings[KERNEL_RING_END]; /* -1: not known */
	const char *state;
};

/* The kernel's answer; `unknown` for anyone but root, who alone can ask. */
static const char *kernel_state(struct row *row)
{
	key_serial_t ring, key;

	int r = keyring_find(row->anchor->signer, &ring, NULL);
	if (r == 0) {
		row->ring = ring;
		r = keyring_has(ring, row->anchor->certificate, &key);
	}
	switch (r) {
	case 1:
		row->key = key;
		return "active";
	case 0:
	case -ENOENT:
		return "not in kernel";
	case -EKEYEXPIRED:
		return "expired";
	case -EKEYREVOKED:
		return "revoked";
	default:
		return "unknown";
	}
}

static void fill_row(const struct anchor *anchor, struct row *ret)
{
	struct row row = {.anchor = anchor};
	time_t expiry = 0;

	if (cert_algorithm(anchor->certificate, row.algorithm, NULL) < 0)
		snprintf(row.algorithm, sizeof(row.algorithm), "unusable");
	cert_expiry(anchor->certificate, &expiry);
	cert_date(expiry, row.expires);
	row.state = kernel_state(&row);
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		int r = kernel_rings_has(which, anchor->certificate, &row.rings[which]);
		if (r != 1)
			row.rings[which] = r < 0 ? -1 : 0;
	}
	if (expiry <= time(NULL))
		row.state = "expired";
	*ret = row;
}

/* The rings of IMA and fs-verity: is the signer marked for them, and is the key in there? */
static void print_rings(struct json *json, const struct row *row)
{
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		json_object_begin(json, kernel_rings_word(which));
		json_bool(json, "wanted", row->anchor->marks & kernel_rings_mark(which));
		if (row->rings[which] < 0)
			json_null(json, "key");
		else
			json_integer(json, "key", row->rings[which]);
		if (which == KERNEL_RING_IMA)
			json_bool(json, "pinned", kernel_rings_ima_is_pinned() > 0);
		json_object_end(json);
	}
}

static void print_json(const struct row *rows, size_t n)
{
	struct json json;

	json_start(&json, stdout);
	json_array_begin(&json, NULL);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&json, NULL);
		json_string(&json, "signer", rows[i].anchor->signer);
		json_string(&json, "fingerprint", rows[i].anchor->fingerprint);
		json_string(&json, "algorithm", rows[i].algorithm);
		json_string(&json, "expires", rows[i].expires);
		json_string(&json, "state", rows[i].state);
		json_bool(&json, "control", rows[i].anchor->control);
		json_integer(&json, "ring", rows[i].ring);
		json_integer(&json, "key", rows[i].key);
		print_rings(&json, &rows[i]);
		json_string(&json, "path", rows[i].anchor->path);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_finish(&json);
}

enum column { SIGNER, FINGERPRINT, ALGORITHM, EXPIRES, RING, KEY, CONTROL, RINGS, STATE };
static const struct table_column columns[] = {
	[SIGNER] = {.heading = "SIGNER"},
	[FINGERPRINT] = {.heading = "FINGERPRINT"},
	[ALGORITHM] = {.heading = "ALGORITHM"},
	[EXPIRES] = {.heading = "EXPIRES"},
	[RING] = {.heading = "RING", .is_number = true},
	[KEY] = {.heading = "KEY", .is_number = true},
	[CONTROL] = {.heading = "CONTROL"},
	[RINGS] = {.heading = "BESIDE"},
	[STATE] = {.heading = "STATE"},
};

static void set(char cell[TABLE_CELL_SIZE], const char *text)
{
	snprintf(cell, TABLE_CELL_SIZE, "%s", text);
}

static void set_serial(char cell[TABLE_CELL_SIZE], key_serial_t serial)
{
	if (serial > 0)
		snprintf(cell, TABLE_CELL_SIZE, "%d", serial);
}

/*
 * "ima,fsverity"; in parentheses where the signer is marked but the key is not there, with a "?"
 * where this is not known.
 */
static void set_rings(char cell[TABLE_CELL_SIZE], const struct row *row)
{
	char *end = cell;

	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		key_serial_t key = row->rings[which];
		const char *form = key > 0 ? "%s%s" : key < 0 ? "%s%s?" : "%s(%s)";
		if (key > 0 || row->anchor->marks & kernel_rings_mark(which))
			end += sprintf(end, form, end == cell ? "" : ",", kernel_rings_word(which));
	}
}

static bool fill_cells(const void *context, size_t i, char cells[][TABLE_CELL_SIZE])
{
	const struct row *row = (const struct row *)context + i;

	set(cells[SIGNER], row->anchor->signer);
	snprintf(cells[FINGERPRINT], TABLE_CELL_SIZE, "%.16s", row->anchor->fingerprint);
	set(cells[ALGORITHM], row->algorithm);
	set(cells[EXPIRES], row->expires);
	set_serial(cells[RING], row->ring);
	set_serial(cells[KEY], row->key);
	set(cells[CONTROL], row->anchor->control ? "yes" : "no");
	set_rings(cells[RINGS], row);
	set(cells[STATE], row->state);
	return true;
}

/* A key that is in a signer's ring but not on disk was not put there by enroll. */
static void warn_of_strangers(const struct row *rows, size_t n)
{
	for (size_t i = 0, active = 0; i < n; i++) {
		bool last = i + 1 == n ||
			    strcmp(rows[i].anchor->signer, rows[i + 1].anchor->signer) != 0;
		active += rows[i].key > 0;
		if (!last)
			continue;
		int count = rows[i].ring > 0 ? keyring_count(rows[i].ring) : 0;
		if (count > (int)active)
			log_warning("the keyring of '%s' holds %d keys; %zu of them are known here",
				rows[i].anchor->signer, count, active);
		active = 0;
	}
}

/* A key that counts for IMA only if the kernel uses that ring. */
static void warn_of_ima(const struct row *rows, size_t n)
{
	size_t i = 0;

	while (i < n && rows[i].rings[KERNEL_RING_IMA] <= 0)
		i++;
	if (i < n && kernel_rings_ima_is_pinned() == 0)
		log_warning("IMA's keyring is not pinned; bpfsign enroll --all says why");
}

int cmd_keys(const struct command *command, int argc, char **argv)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	const char *argument;
	bool json = false;
	struct diag diag;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		json = true;
	int status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 0, 0);
	if (status >= 0)
		return status;

	int r = anchors_load(&anchors, &diag);
	_cleanup_free_ struct row *rows = calloc(anchors.n + 1, sizeof(*rows));
	if (r >= 0 && !rows)
		r = diag_set(&diag, -ENOMEM, "out of memory");
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < anchors.n; i++)
		fill_row(&anchors.items[i], &rows[i]);
	if (json)
		print_json(rows, anchors.n);
	else if (anchors.n > 0)
		r = table_print(columns, ARRAY_SIZE(columns), anchors.n, fill_cells, rows);
	if (anchors.n == 0 && !json)
		log_info(
			"no signer is enrolled; bpfsign keygen NAME, then bpfsign enroll NAME.crt");
	if (anchors.n > 0 && getuid() != 0)
		log_info("only root can see what is in the kernel");
	warn_of_strangers(rows, anchors.n);
	warn_of_ima(rows, anchors.n);
	return r < 0 ? EXIT_UNKNOWN : EXIT_YES;
}
