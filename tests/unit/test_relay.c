/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The socket between the reader and its followers, without a reader: order, losses, slow ones. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/text.h"
#include "src/record/relay.h"
#include "tests/unit/records.h"

#define HEAD offsetof(struct relay_packet, names)

static char top[] = "/tmp/test-relay-XXXXXX";
static char *path;

static int make_directory(void **state)
{
	if (!mkdtemp(top))
		return -1;
	path = format_text("%s/follow", top);
	return path ? 0 : -1;
}

static int remove_directory(void **state)
{
	free(path);
	return rmdir(top); /* which is empty: every socket was removed */
}

static struct relay *listen_here(void)
{
	const struct bs_kfuncs names = {.n = 2, .ids = {17, 23}};
	struct relay *relay = NULL;

	assert_int_equal(relay_open(path, &names, &relay), 0);
	return relay;
}

/* A new follower, which has got the names and the counts. */
static int follow(struct relay *relay)
{
	struct relay_packet packet;
	pid_t peer = 0;
	int fd = relay_connect(path, &peer);

	assert_true(fd >= 0);
	assert_int_equal(peer, getpid());
	relay_serve(relay);
	assert_int_equal(relay_receive(fd, &packet), 1);
	assert_int_equal(packet.kind, RELAY_NAMES);
	assert_int_equal(packet.names.n, 2);
	assert_int_equal(packet.names.ids[1], 23);
	assert_int_equal(relay_receive(fd, &packet), 1);
	assert_int_equal(packet.kind, RELAY_LOST);
	return fd;
}

/* The next packet is this record, byte for byte. */
static void expect_record(int fd, const struct bs_record *record)
{
	struct relay_packet packet;

	assert_int_equal(relay_receive(fd, &packet), 1);
	assert_int_equal(packet.kind, RELAY_RECORD);
	assert_memory_equal(&packet.record, record, sizeof(*record));
}

static void expect_nothing(int fd)
{
	struct relay_packet packet;

	assert_int_equal(relay_receive(fd, &packet), -EAGAIN);
}

static void every_follower_gets_each_record(void **state)
{
	struct relay *relay = listen_here();
	struct bs_record first = sample_record(), second = sample_record();
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	second.tgid = 4711;
	relay_record(relay, &second, sizeof(second)); /* nobody follows yet */
	int a = follow(relay);
	relay_record(relay, &first, sizeof(first));
	int b = follow(relay);
	relay_record(relay, &second, sizeof(second));
	expect_record(a, &first);
	expect_record(a, &second);
	expect_record(b, &second);
	relay_record(relay, &first, sizeof(first) - 1); /* of another version */
	expect_nothing(a);
	expect_nothing(b);
	relay_free(&relay);
	struct relay_packet packet;
	assert_int_equal(relay_receive(a, &packet), 0);
	assert_int_equal(relay_receive(b, &packet), 0);
	close(a);
	close(b);
	assert_int_equal(relay_connect(path, &(pid_t){0}), -ENOENT);
}

static void tells_losses_when_they_move(void **state)
{
	struct relay *relay = listen_here();
	struct relay_packet packet;

	relay_lost(relay, 5, 1); /* nobody follows yet */
	int fd = follow(relay);
	relay_lost(relay, 5, 1);
	expect_nothing(fd);
	relay_lost(relay, 7, 2);
	assert_int_equal(relay_receive(fd, &packet), 1);
	assert_int_equal(packet.kind, RELAY_LOST);
	assert_int_equal(packet.lost.records, 7);
	assert_int_equal(packet.lost.alarms, 2);
	close(fd);
	relay_free(&relay);
}

/* Whoever does not read keeps nobody up, and learns how much was missed, in its place. */
static void a_slow_follower_is_told_what_it_missed(void **state)
{
	enum { N = 20000 };
	struct relay *relay = listen_here();
	struct bs_record record = sample_record();
	struct relay_packet packet;
	int slow = follow(relay), quick = follow(relay);
	unsigned got = 0;

	for (unsigned i = 0; i < N; i++) {
		record.tgid = i;
		relay_record(relay, &record, sizeof(record));
		expect_record(quick, &record);
	}
	while (relay_receive(slow, &packet) == 1) {
		assert_int_equal(packet.kind, RELAY_RECORD);
		assert_int_equal(packet.record.tgid, got); /* in order, without a gap */
		got++;
	}
	assert_in_range(got, 1, N - 1);
	relay_serve(relay);
	assert_int_equal(relay_receive(slow, &packet), 1);
	assert_int_equal(packet.kind, RELAY_MISSED);
	assert_int_equal(packet.missed, N - got);
	relay_record(relay, &record, sizeof(record));
	expect_record(slow, &record);
	expect_record(quick, &record);
	expect_nothing(slow);
	close(slow);
	close(quick);
	relay_free(&relay);
}

static void those_who_go_make_room(void **state)
{
	struct relay *relay = listen_here();
	struct relay_packet packet;
	int fds[RELAY_FOLLOWERS];

	for (int i = 0; i < RELAY_FOLLOWERS; i++)
		fds[i] = follow(relay);
	int further = relay_connect(path, &(pid_t){0});
	relay_serve(relay);
	assert_int_equal(relay_receive(further, &packet), 0); /* one too many */
	close(further);
	close(fds[3]);
	assert_int_equal(send(fds[5], "x", 1, 0), 1); /* nobody has anything to say */
	relay_serve(relay);
	assert_int_equal(relay_receive(fds[5], &packet), 0);
	close(fds[5]);
	fds[3] = follow(relay);
	fds[5] = follow(relay);
	for (int i = 0; i < RELAY_FOLLOWERS; i++)
		close(fds[i]);
	relay_free(&relay);
}

/* A reader that was killed leaves its socket. */
static void replaces_what_is_left(void **state)
{
	struct relay *killed = listen_here(), *next = listen_here();
	int fd = follow(next);

	close(fd);
	relay_free(&next);
	relay_free(&killed);
	char longer[200];
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(relay_open(longer, NULL, &next), -ENAMETOOLONG);
}

static void refuses_what_no_reader_sends(void **state)
{
	struct relay_packet packet = {.version = BS_ABI_VERSION, .kind = RELAY_MISSED, .missed = 3};
	struct relay_packet parsed = {.kind = 99};
	const size_t size = HEAD + sizeof(packet.missed);

	assert_int_equal(relay_parse(&packet, size, &parsed), 0);
	assert_int_equal(parsed.missed, 3);
	for (size_t n = 0; n < size; n++)
		assert_int_equal(relay_parse(&packet, n, &parsed), -EBADMSG);
	assert_int_equal(relay_parse(&packet, size + 1, &parsed), -EBADMSG);
	assert_int_equal(relay_parse(&packet, sizeof(packet) + 1, &parsed), -EBADMSG);
	packet.kind = 0;
	assert_int_equal(relay_parse(&packet, HEAD, &parsed), -EBADMSG);
	packet.kind = RELAY_END;
	assert_int_equal(relay_parse(&packet, size, &parsed), -EBADMSG);
	packet.kind = RELAY_MISSED;
	packet.version++;
	assert_int_equal(relay_parse(&packet, size, &parsed), -EPROTONOSUPPORT);
	packet = (struct relay_packet){.version = BS_ABI_VERSION, .kind = RELAY_NAMES};
	packet.names.n = 64 * BS_KFUNC_WORDS + 1;
	assert_int_equal(relay_parse(&packet, HEAD + sizeof(packet.names), &parsed), -EBADMSG);
	assert_int_equal(parsed.kind, RELAY_MISSED); /* untouched */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_follower_gets_each_record),
		cmocka_unit_test(tells_losses_when_they_move),
		cmocka_unit_test(a_slow_follower_is_told_what_it_missed),
		cmocka_unit_test(those_who_go_make_room),
		cmocka_unit_test(replaces_what_is_left),
		cmocka_unit_test(refuses_what_no_reader_sends),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
