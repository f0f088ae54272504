/* SPDX-License-Identifier: GPL-2.0-or-later */

/* record_parse(): what the BPF side writes is read, anything else is refused whole. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/record/record.h"
#include "tests/unit/records.h"

static void reads_what_is_right(void **state)
{
	struct bs_record record = sample_record(), ret;

	assert_int_equal(record_parse(&record, sizeof(record), &ret), 0);
	assert_memory_equal(&record, &ret, sizeof(ret));
}

static void refuses_every_shorter_size(void **state)
{
	struct bs_record record = sample_record(), ret = {.pid = 42};

	for (size_t size = 0; size < sizeof(record); size++)
		assert_int_equal(record_parse(&record, size, &ret), -EBADMSG);
	assert_int_equal(ret.pid, 42); /* untouched */
}

static void refuses_another_version(void **state)
{
	struct bs_record record = sample_record(), ret;

	record.version++;
	assert_int_equal(record_parse(&record, sizeof(record), &ret), -EPROTONOSUPPORT);
}

static void refuses_numbers_out_of_range(void **state)
{
	struct bs_record good = sample_record(), bad[9], ret;

	for (size_t i = 0; i < 9; i++)
		bad[i] = good;
	bad[0].size--;
	bad[1].op = BS_OP_NONE;
	bad[2].op = BS_OP_END;
	bad[3].action = 0;
	bad[4].action = BS_ACTION_DENIED + 1;
	bad[5].reason = BS_REASON_END;
	bad[6].flags = 1u << 31;
	bad[7].flags = BS_RECORD_FILE << 1;
	bad[8].measured.kind = BS_HASH_END;
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(record_parse(&bad[i], sizeof(bad[i]), &ret), -EBADMSG);
}

static void refuses_details_of_nothing(void **state)
{
	const uint32_t good[] = {0, 109, 64 * BS_HELPER_WORDS - 1, BS_DETAIL_KFUNC,
		BS_DETAIL_KFUNC | (64 * BS_KFUNC_WORDS - 1), BS_DETAIL_BTF_ID | 98765,
		BS_DETAIL_CONTEXT, BS_DETAIL_ADDRESS};
	const uint32_t bad[] = {64 * BS_HELPER_WORDS, BS_DETAIL_KFUNC | 64 * BS_KFUNC_WORDS,
		BS_DETAIL_ADDRESS + 1, UINT32_MAX};
	struct bs_record record = sample_record(), ret;

	record.reason = BS_REASON_KERNEL_READS;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		record.detail = good[i];
		assert_int_equal(record_parse(&record, sizeof(record), &ret), 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		record.detail = bad[i];
		assert_int_equal(record_parse(&record, sizeof(record), &ret), -EBADMSG);
	}
	record.reason = BS_REASON_MAX_INSTRUCTIONS; /* a number: anything goes */
	assert_int_equal(record_parse(&record, sizeof(record), &ret), 0);
}

static void refuses_texts_without_an_end(void **state)
{
	const size_t offsets[][2] = {
		{offsetof(struct bs_record, comm), sizeof(((struct bs_record *)0)->comm)},
		{offsetof(struct bs_record, program), BS_NAME_SIZE},
		{offsetof(struct bs_record, signer), BS_NAME_SIZE},
		{offsetof(struct bs_record, object), BS_OBJECT_SIZE},
		{offsetof(struct bs_record, owner), BS_NAME_SIZE},
		{offsetof(struct bs_record, path), BS_PATH_SIZE},
	};

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct bs_record record = sample_record(), ret;
		memset((char *)&record + offsets[i][0], 'x', offsets[i][1]);
		assert_int_equal(record_parse(&record, sizeof(record), &ret), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_right),
		cmocka_unit_test(refuses_every_shorter_size),
		cmocka_unit_test(refuses_another_version),
		cmocka_unit_test(refuses_numbers_out_of_range),
		cmocka_unit_test(refuses_details_of_nothing),
		cmocka_unit_test(refuses_texts_without_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
