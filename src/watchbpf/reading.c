/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the rings to lines, followers and journald. */

#include "src/watchbpf/reading.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "src/base/base.h"
#include "src/base/log.h"
#include "src/record/record.h"
#include "src/record/relay.h"
#include "src/watchbpf/pods.h"
#include "src/watchbpf/watchbpf.h"

#define POLL_MS 200
#define LOOK_NS 1000000000ULL /* how often the canary is asked and losses are told */

struct reading {
	struct enforcer *enforcer;
	struct lines *lines;
	struct pods *pods;
	struct relay *relay; /* NULL: without followers */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal_number)
{
	interrupted = signal_number;
}

void reading_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool reading_is_interrupted(void)
{
	return interrupted;
}

uint64_t reading_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- the place ------------------------------------------------------------------------------ */

/* Who reads, and what to do. False: by now nobody does. */
static bool describe_reader(struct enforcer *enforcer, struct diag *reterr)
{
	struct enforcer_reader reader;
	int r = enforcer_reader(enforcer, &reader);

	if (r == 0)
		return false;
	_cleanup_free_ char *text = r > 0 ? enforcer_reader_text(&reader) : NULL;
	diag_set(reterr, -EBUSY, "%s reads already", text ? text : "another process");
	if (r > 0 && reader.stopped)
		diag_hint(reterr, "kill -CONT %u, or kill -KILL %u to read in its place",
			reader.pid, reader.pid);
	else
		diag_hint(reterr, "'watchbpf follow' prints what it reads");
	return true;
}

/* Is it on still? 1: an order has ended it; -errno: it ended otherwise, or cannot be asked. */
static int look_at_enforcement(struct enforcer *enforcer, struct bs_state *ret)
{
	int r = enforcer_state(enforcer, ret);

	if (r == 0 && ret->mode == BS_MODE_OFF) {
		log_info("enforcement was ended by an order");
		return 1;
	}
	if (!enforcer_is_alive()) {
		_cleanup_free_ char *missing = NULL;
		enforcer_missing(0, &missing);
		log_alert("THE ENFORCEMENT IS OFF: its hooks do not answer any more%s%s%s",
			enforcer_is_broken() ? "; bpf() is refused to everybody until a reboot"
					     : "",
			missing ? "; missing: " : "", missing ?: "");
		return -ENODEV;
	}
	if (r < 0)
		return log_error_errno(r, "can't read the state of the enforcement");
	return 0;
}

static int wait_for_place(struct enforcer *enforcer, struct diag *reterr)
{
	struct bs_state state = {0};
	int r = -EBUSY, ended = 0;

	log_info("%s; waiting until it ends", reterr->message);
#ifdef HAVE_SYSTEMD
	sd_notifyf(0, "READY=1\nSTATUS=Waiting: %s", reterr->message);
#endif
	while (r == -EBUSY && ended == 0 && !interrupted) {
		sleep(1);
		ended = look_at_enforcement(enforcer, &state);
		if (ended == 0)
			r = enforcer_read(enforcer, reterr);
	}
#ifdef HAVE_SYSTEMD
	sd_notify(0, "STATUS=");
#endif
	if (ended < 0)
		return diag_set(reterr, ended, "the other process reads what is left");
	return r == -EBUSY ? -EINTR : r;
}

int reading_take(struct enforcer *enforcer, bool wait, struct diag *reterr)
{
	int r;

	do { /* the one that had the place may have ended since */
		r = enforcer_read(enforcer, reterr);
	} while (r == -EBUSY && !describe_reader(enforcer, reterr));
	return r == -EBUSY && wait ? wait_for_place(enforcer, reterr) : r;
}

/* --- begin ---------------------------------------------------------------------------------- */

/* A pod that is not written down is none: worth a warning, once. */
static void look_at_pods(struct reading *reading)
{
	static int warned;
	int r = pods_refresh(reading->pods, reading->enforcer);

	if (r < 0 && r != warned)
		log_warning(
			"can't keep the pods of this node current: %s; 'pods:' denies those that are not known",
			strerror(-r));
	warned = r;
}

int reading_begin(struct reading **ret, struct enforcer *enforcer, struct lines *lines,
	const struct bs_kfuncs *names)
{
	_cleanup_(reading_free) struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading)
		return log_error_errno(-ENOMEM, "can't begin to read");
	reading->enforcer = enforcer;
	reading->lines = lines;
	int r = pods_open(&reading->pods);
	if (r < 0)
		return log_error_errno(r, "can't look for pods");
	look_at_pods(reading);
	mkdir(RELAY_DIRECTORY, 0700);
	r = relay_open(RELAY_SOCKET, names, &reading->relay);
	if (r < 0)
		log_warning("can't listen at '" RELAY_SOCKET "': %s; 'watchbpf follow' won't work",
			strerror(-r));
	*ret = TAKE_PTR(reading);
	return 0;
}

void reading_free(struct reading **reading)
{
	if (!*reading)
		return;
	pods_free(&(*reading)->pods);
	relay_free(&(*reading)->relay);
	free(*reading);
	*reading = NULL;
}

/* --- run ------------------------------------------------------------------------------------ */

/* Sleeps until there is something to do; have the pods changed? */
static bool wait_for_events(const struct reading *reading)
{
	struct pollfd events[] = {{.fd = enforcer_fd(reading->enforcer), .events = POLLIN},
		{.fd = pods_fd(reading->pods), .events = POLLIN},
		{.fd = reading->relay ? relay_fd(reading->relay) : -1, .events = POLLIN}};

	return poll(events, ARRAY_SIZE(events), POLL_MS) > 0 && events[1].revents;
}

/* One look a second: losses, the highest sequences, and whether the hooks still answer. */
static int look(struct reading *reading)
{
	struct bs_state state = {0};

	int r = look_at_enforcement(reading->enforcer, &state);
	if (r != 0)
		return r;
	enforcer_save_sequences(reading->enforcer, SEQUENCES_FILE);
	look_at_pods(reading); /* a mount of /sys/fs/cgroup, say, is not announced */
	if (reading->relay)
		relay_lost(reading->relay, state.lost_records, state.lost_alarms);
	r = lines_suppressed(reading->lines, state.suppressed);
	return r < 0 ? r : lines_lost(reading->lines, state.lost_records, state.lost_alarms);
}

/* From the bytes of the ring to the followers, and to a line. */
static void add_record(void *userdata, const void *data, size_t size)
{
	struct reading *reading = userdata;
	struct bs_record record;

	if (reading->relay)
		relay_record(reading->relay, data, size);
	if (record_parse(data, size, &record) == 0)
		lines_add(reading->lines, &record);
}

/* What there is to do now: < 0 and 1 end the reading. */
static int step(struct reading *reading, uint64_t *looked)
{
	if (wait_for_events(reading))
		look_at_pods(reading);
	if (reading->relay)
		relay_serve(reading->relay);
	int r = enforcer_poll(reading->enforcer, 0);
	uint64_t now = reading_now_ns();
	if (r >= 0 || r == -EINTR)
		r = lines_flush(reading->lines, now);
	if (r < 0 || now - *looked < LOOK_NS)
		return r;
	*looked = now;
	return look(reading);
}

int reading_run(struct reading *reading)
{
	uint64_t looked = 0;
	int r = enforcer_watch(reading->enforcer, add_record, reading);

	while (r >= 0 && !interrupted) {
		r = step(reading, &looked);
		if (r > 0)
			return EXIT_YES;
	}
	if (r < 0)
		return EXIT_UNKNOWN;
	log_info("no longer watching; enforcement goes on ('watchbpf stop' ends it)");
	return EXIT_YES;
}
