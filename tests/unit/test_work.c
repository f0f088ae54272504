/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "src/base/base.h"
#include "src/files/work.h"

#define ITEMS 5000

struct record {
	pthread_mutex_t mutex;
	unsigned runs[ITEMS];
	size_t told;
	size_t stop_at; /* item that raises SIGINT */
};

static void run(void *context, size_t item, struct outcome *outcome)
{
	struct record *record = context;
	const struct timespec pause = {.tv_nsec = item % 97 == 0 ? 2000000 : 0};

	nanosleep(&pause, NULL);
	pthread_mutex_lock(&record->mutex);
	record->runs[item]++;
	pthread_mutex_unlock(&record->mutex);
	if (item == record->stop_at)
		raise(SIGINT);
	outcome->kind = item % 3;
	outcome->status = item % 1000 == 999 ? 3 : 0;
}

static void done(void *context, size_t item, const struct outcome *outcome)
{
	struct record *record = context;

	assert_int_equal(item, record->told);
	assert_int_equal(outcome->kind, item % 3);
	record->told++;
}

static struct work_result run_all(struct record *record, size_t n, unsigned jobs)
{
	const struct work work = {
		.n = n, .jobs = jobs, .run = run, .done = done, .context = record};
	struct work_result result;

	assert_int_equal(work_run(&work, &result), 0);
	return result;
}

static void test_each_once_in_order(void **state)
{
	static const unsigned jobs[] = {0, 1, 2, 16};

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct record record = {.mutex = PTHREAD_MUTEX_INITIALIZER, .stop_at = SIZE_MAX};
		struct work_result result = run_all(&record, ITEMS, jobs[i]);
		for (size_t item = 0; item < ITEMS; item++)
			assert_int_equal(record.runs[item], 1);
		assert_int_equal(record.told, ITEMS);
		assert_int_equal(result.done, ITEMS);
		assert_int_equal(result.status, 3);
		assert_int_equal(result.counts[0] + result.counts[1] + result.counts[2], ITEMS);
	}
}

static void test_nothing(void **state)
{
	struct record record = {.mutex = PTHREAD_MUTEX_INITIALIZER, .stop_at = SIZE_MAX};

	assert_int_equal(run_all(&record, 0, 2).done, 0);
	assert_int_equal(run_all(&record, 1, 16).done, 1);
}

/* What was begun is told, without a gap; what was not is not counted. */
static void test_signal(void **state)
{
	struct record record = {.mutex = PTHREAD_MUTEX_INITIALIZER, .stop_at = 700};
	struct work_result result = run_all(&record, ITEMS, 4);
	size_t runs = 0;

	for (size_t item = 0; item < ITEMS; item++)
		runs += record.runs[item];
	assert_int_equal(result.done, runs);
	assert_int_equal(record.told, runs);
	assert_true(result.done > 700 && result.done < 720);
	record.stop_at = SIZE_MAX;
	record.told = 0;
	assert_int_equal(run_all(&record, 10, 4).done, 10); /* the next is not stopped */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once_in_order),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
