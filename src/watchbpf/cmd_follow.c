/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf follow`: what the reader is told, in a format of one's own. */

#include <poll.h>
#include <string.h>

#include "src/base/base.h"
#include "src/base/log.h"
#include "src/command/arguments.h"
#include "src/enforcer/enforcer.h"
#include "src/names/functions.h"
#include "src/record/fields.h"
#include "src/record/lines.h"
#include "src/record/record.h"
#include "src/record/relay.h"
#include "src/watchbpf/reading.h"
#include "src/watchbpf/watchbpf.h"

#define POLL_MS 200

const struct option_spec follow_options[] = {
	{"output", 'o', "FORMAT", "text (default) or json"},
	{0},
};

struct following {
	int fd;
	struct lines *lines;
	struct functions *functions;
	struct bs_kfuncs names; /* of the policy that was in force when the reader began */
};

static void following_done(struct following *following)
{
	close_fd(&following->fd);
	lines_free(&following->lines); /* before the names, since it prints */
	functions_free(&following->functions);
}

/* The reader, and a connection to it and to nobody else. */
static int follow_connect(struct enforcer_reader *ret, int *ret_fd, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	pid_t peer;

	int r = enforcer_join(&enforcer, reterr);
	if (r < 0)
		return r;
	r = enforcer_reader(enforcer, ret);
	if (r < 0)
		return diag_set(reterr, r, "can't ask who reads: %s", strerror(-r));
	if (r == 0) {
		diag_set(reterr, -ESRCH, "no process reads");
		diag_hint(reterr, "watchbpf --enforce FILE, or start watchbpf.service");
		return -ESRCH;
	}
	_cleanup_close_ int fd = relay_connect(RELAY_SOCKET, &peer);
	if (fd < 0)
		return diag_set(
			reterr, fd, "can't connect to '" RELAY_SOCKET "': %s", strerror(-fd));
	if ((uint32_t)peer != ret->pid)
		return diag_set(reterr, -EPERM,
			"process %d listens at '" RELAY_SOCKET "', but process %u reads", peer,
			ret->pid);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int add_packet(struct following *following, const struct relay_packet *packet)
{
	struct bs_record record;

	switch (packet->kind) {
	case RELAY_NAMES:
		following->names = packet->names;
		return 0;
	case RELAY_RECORD:
		if (record_parse(&packet->record, sizeof(packet->record), &record) == 0)
			lines_add(following->lines, &record);
		return 0;
	case RELAY_LOST:
		return lines_lost(following->lines, packet->lost.records, packet->lost.alarms);
	default:
		return lines_missed(following->lines, packet->missed);
	}
}

/* All that is there by now: 1, 0 when the reader has ended, or -errno. */
static int take_packets(struct following *following)
{
	struct relay_packet packet;
	int r = 1;

	while (r > 0 && !reading_is_interrupted()) {
		r = relay_receive(following->fd, &packet);
		if (r > 0) {
			int printed = add_packet(following, &packet);
			if (printed < 0)
				return printed;
			/* a burst may be longer than the queue of lines */
			printed = lines_flush(following->lines, reading_now_ns());
			if (printed < 0)
				return printed;
		}
	}
	return r == -EAGAIN || r == -EINTR ? 1 : r;
}

static int follow_loop(struct following *following, const struct enforcer_reader *reader)
{
	struct pollfd event = {.fd = following->fd, .events = POLLIN};
	int r = 1;

	while (r > 0 && !reading_is_interrupted()) {
		poll(&event, 1, POLL_MS);
		r = take_packets(following);
		if (r > 0 && lines_flush(following->lines, reading_now_ns()) < 0)
			r = -EIO;
	}
	if (r > 0)
		return EXIT_YES;
	lines_flush(following->lines, UINT64_MAX);
	if (r < 0)
		return log_error_errno(r, "can't follow process %u", reader->pid), EXIT_UNKNOWN;
	log_info("process %u reads no more%s", reader->pid,
		enforcer_is_alive() ? "; enforcement goes on" : "");
	return EXIT_NO;
}

static int follow(enum lines_output output)
{
	_cleanup_(following_done) struct following following = {.fd = -EBADF};
	struct enforcer_reader reader;
	struct diag diag = {0};

	if (!enforcer_is_alive()) {
		log_info("nothing is enforced");
		return EXIT_NO;
	}
	following.lines = lines_new(stdout, output);
	if (!following.lines)
		return EXIT_UNKNOWN;
	reading_catch_signals();
	int r = follow_connect(&reader, &following.fd, &diag);
	if (r < 0)
		return log_diag(r == -ESRCH ? EXIT_NO : EXIT_UNKNOWN, &diag);
	if (functions_load(/* path= */ NULL, &following.functions, NULL) == 0)
		record_set_names(following.functions, &following.names);
	_cleanup_free_ char *text = enforcer_reader_text(&reader);
	log_info("following %s", text ? text : "the reader");
	return follow_loop(&following, &reader);
}

int cmd_follow(const struct command *command, int argc, char **argv)
{
	enum lines_output output = LINES_TEXT;
	const char *value;
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0) {
		if (strcmp(value, "json") == 0)
			output = LINES_JSON;
		else if (strcmp(value, "text") != 0)
			return command_usage(command, "--output '%s' is not known", value);
	}
	int r = arguments_end(option);
	if (r < 0)
		r = arguments_count(command, argc, 0, 0);
	return r >= 0 ? r : follow(output);
}
