/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A queue of items, workers, and results in order. Knows nothing of the work on an item. */

#include "src/files/work.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "src/base/base.h"

#define WINDOW     512       /* results that may wait for an earlier one */
#define STACK_SIZE (1 << 20) /* bytes */
#define TICK_MS    100       /* at most between two calls of tick() */

static atomic_int is_stopped; /* the signal; lock-free, so a handler may write it */

static void stop(int signal)
{
	is_stopped = signal;
}

struct slot {
	struct outcome outcome;
	bool ready;
};

struct queue {
	const struct work *work;
	pthread_mutex_t mutex;
	pthread_cond_t ready, room; /* the next result is there; the window has moved */
	size_t next;                /* item to be taken */
	size_t told;                /* results that were reported */
	unsigned workers;           /* still at work */
	unsigned started;           /* workers that have a number */
	struct slot slots[WINDOW];
};

/* The next item, or n when there is none. */
static size_t take(struct queue *queue)
{
	size_t item;

	pthread_mutex_lock(&queue->mutex);
	while (queue->next < queue->work->n && queue->next >= queue->told + WINDOW && !is_stopped)
		pthread_cond_wait(&queue->room, &queue->mutex);
	item = is_stopped ? queue->work->n : queue->next;
	if (item < queue->work->n)
		queue->next++;
	else if (--queue->workers == 0)
		pthread_cond_signal(&queue->ready);
	pthread_mutex_unlock(&queue->mutex);
	return item;
}

static void run_item(struct queue *queue, size_t item, unsigned worker)
{
	struct outcome outcome = {.worker = worker};

	outcome.out = open_memstream(&outcome.out_text, &outcome.out_size);
	outcome.err = open_memstream(&outcome.err_text, &outcome.err_size);
	if (outcome.out && outcome.err)
		queue->work->run(queue->work->context, item, &outcome);
	else
		outcome.status = 3; /* EXIT_UNKNOWN */
	close_file(&outcome.out);
	close_file(&outcome.err);

	pthread_mutex_lock(&queue->mutex);
	queue->slots[item % WINDOW] = (struct slot){outcome, /* ready= */ true};
	/*
	 * The thread that reports is woken for many results at a time: else it would take the
	 * processor from the workers.
	 */
	if (item - queue->told >= WINDOW / 2)
		pthread_cond_signal(&queue->ready);
	pthread_mutex_unlock(&queue->mutex);
}

static void *run_worker(void *argument)
{
	struct queue *queue = argument;
	size_t item;

	pthread_mutex_lock(&queue->mutex);
	unsigned worker = queue->started++;
	pthread_mutex_unlock(&queue->mutex);
	while ((item = take(queue)) < queue->work->n)
		run_item(queue, item, worker);
	return NULL;
}

/* --- the results, in order ------------------------------------------------------------------ */

static void tell(
	struct queue *queue, size_t item, struct outcome *outcome, struct work_result *result)
{
	const struct work *work = queue->work;

	if (work->done)
		work->done(work->context, item, outcome);
	result->done++;
	result->counts[outcome->kind % WORK_KINDS]++;
	if (outcome->status > result->status)
		result->status = outcome->status;
	free(outcome->out_text);
	free(outcome->err_text);
}

static void wait_a_tick(struct queue *queue)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&queue->ready, &queue->mutex, &until);
}

static void tick(const struct queue *queue, size_t told)
{
	if (queue->work->tick)
		queue->work->tick(queue->work->context, told);
}

static void tell_all(struct queue *queue, struct work_result *result)
{
	pthread_mutex_lock(&queue->mutex);
	while (queue->told < queue->work->n) {
		struct slot *slot = &queue->slots[queue->told % WINDOW];
		if (!slot->ready) {
			if (queue->workers == 0)
				break; /* stopped, and all results are reported */
			wait_a_tick(queue);
			pthread_cond_broadcast(&queue->room); /* a signal may have come */
			tick(queue, queue->told);
			continue;
		}
		struct outcome outcome = slot->outcome;
		slot->ready = false;
		size_t item = queue->told;
		pthread_mutex_unlock(&queue->mutex);
		tell(queue, item, &outcome, result);
		tick(queue, item + 1);
		pthread_mutex_lock(&queue->mutex);
		queue->told++;
		pthread_cond_broadcast(&queue->room);
	}
	pthread_mutex_unlock(&queue->mutex);
}

/* --- beginning and end ---------------------------------------------------------------------- */

static unsigned count_jobs(const struct work *work)
{
	cpu_set_t set;
	unsigned jobs = work->jobs;

	if (jobs == 0)
		jobs = sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
	if (jobs > WORK_JOBS_LIMIT)
		jobs = WORK_JOBS_LIMIT;
	return jobs > work->n ? (unsigned)work->n : jobs;
}

/* How many could be started; *reterr says why no more. */
static unsigned start_workers(
	struct queue *queue, unsigned jobs, pthread_t threads[static WORK_JOBS_LIMIT], int *reterr)
{
	pthread_attr_t attributes;
	unsigned n = 0;

	queue->workers = jobs;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	while (n < jobs &&
		(*reterr = -pthread_create(&threads[n], &attributes, run_worker, queue)) == 0)
		n++;
	pthread_attr_destroy(&attributes);
	pthread_mutex_lock(&queue->mutex);
	queue->workers -= jobs - n;
	pthread_mutex_unlock(&queue->mutex);
	return n;
}

/* Again a second time, and it ends at once. */
static void catch_signals(struct sigaction former[static 2])
{
	const struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART | SA_RESETHAND};

	is_stopped = 0;
	sigaction(SIGINT, &action, &former[0]);
	sigaction(SIGTERM, &action, &former[1]);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int work_run(const struct work *work, struct work_result *ret)
{
	_cleanup_free_ struct queue *queue = calloc(1, sizeof(*queue));
	struct work_result result = {0};
	pthread_t threads[WORK_JOBS_LIMIT];
	struct sigaction former[2];
	double start = seconds_now();
	int r = 0;

	if (!queue)
		return -ENOMEM;
	queue->work = work;
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_cond_init(&queue->ready, NULL);
	pthread_cond_init(&queue->room, NULL);
	catch_signals(former);
	unsigned n = start_workers(queue, count_jobs(work), threads, &r);
	if (n > 0)
		tell_all(queue, &result);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	sigaction(SIGINT, &former[0], NULL);
	sigaction(SIGTERM, &former[1], NULL);
	result.seconds = seconds_now() - start;
	*ret = result;
	return n > 0 || work->n == 0 ? 0 : r;
}
