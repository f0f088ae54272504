/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lines: the talk's words, quoting, repeats, order. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "src/record/lines.h"
#include "tests/unit/records.h"
#include "tests/unit/tiny_btf.h"
#include "src/base/base.h"
#include "src/record/fields.h"

static void expect_line(const struct bs_record *record, unsigned repeats, const char *expected)
{
	_cleanup_free_ char *line = lines_text(record, repeats);

	assert_string_equal(line, expected);
}

static void writes_the_lines_of_the_talk(void **state)
{
	struct bs_record record = sample_record();

	expect_line(&record, 1,
		"process: eve pid: 284 pod: eve op: load type: xdp name: from_netdev "
		"action: BPFDenied signer: - reason: unsigned");

	record.op = BS_OP_EXEC;
	record.flags = 0;
	record.object[0] = 0;
	expect_line(&record, 1,
		"process: eve pid: 284 pod: eve op: exec action: BPFDenied "
		"signer: - reason: unsigned");

	strcpy(record.path, "/usr/sbin/alice");
	strcpy(record.program, "alice");
	strcpy(record.signer, "acme");
	record.flags = BS_RECORD_MARKED | BS_RECORD_LOADS;
	record.action = BS_ACTION_APPROVED;
	record.reason = BS_REASON_OK;
	expect_line(&record, 1,
		"process: alice pid: 284 pod: alice op: exec "
		"action: ProgApproved,MapsDenied signer: acme reason: ok");
}

/* At the end of the line, since readers know the rest; only what is known by name. */
static void ends_with_what_ima_measured(void **state)
{
	struct bs_record record = sample_record();

	record.measured = (struct bs_hash){.algorithm = 2 /* SHA-1 */, .kind = BS_HASH_CONTENT};
	memset(record.measured.bytes, 0xab, sizeof(record.measured.bytes));
	expect_line(&record, 2,
		"process: eve pid: 284 pod: eve op: load type: xdp name: from_netdev "
		"action: BPFDenied signer: - reason: unsigned "
		"measured: sha1:abababababababababababababababababababab ×2");

	record.measured.kind = BS_HASH_VERITY;
	_cleanup_free_ char *line = lines_json(&record, 1);
	assert_non_null(strstr(
		line, ",\"measured\":\"verity:sha1:abababababababababababababababababababab\"}"));

	record.measured.algorithm = 99;
	expect_line(&record, 1,
		"process: eve pid: 284 pod: eve op: load type: xdp name: from_netdev "
		"action: BPFDenied signer: - reason: unsigned");
}

static void tells_denied_from_bpfdenied(void **state)
{
	struct bs_record record = sample_record();

	record.flags |= BS_RECORD_MARKED;
	strcpy(record.program, "bob");
	strcpy(record.signer, "acme");
	record.reason = BS_REASON_FOREIGN_MAP;
	record.op = BS_OP_OPEN;
	record.flags = BS_RECORD_MARKED | BS_RECORD_MAP_TYPE | BS_RECORD_OBSERVED;
	record.type = 1;
	strcpy(record.owner, "alice");
	expect_line(&record, 3,
		"process: eve pid: 284 pod: bob op: open type: hash "
		"name: from_netdev action: Denied signer: acme reason: foreign-map "
		"owner: alice mode: observe ×3");
}

static void quotes_what_could_mislead(void **state)
{
	struct bs_record record = sample_record();

	strcpy(record.path, "/tmp/a pid: 1 op: x\nprocess: alice\x1b[2J\xff");
	expect_line(&record, 1,
		"process: \"a pid: 1 op: x\\nprocess: alice\\x1b[2J\\xff\" pid: 284 "
		"pod: \"a pid: 1 op: x\\nprocess: alice\\x1b[2J\\xff\" op: load type: xdp "
		"name: from_netdev action: BPFDenied signer: - reason: unsigned");
	/* the root of a mount that is nowhere: then it is called as it calls itself */
	strcpy(record.path, "/tmp/");
	record.comm[0] = 0;
	expect_line(&record, 1,
		"process: \"\" pid: 284 pod: \"\" op: load type: xdp "
		"name: from_netdev action: BPFDenied signer: - reason: unsigned");
}

static void names_a_pin_by_its_last_part(void **state)
{
	struct bs_record record = sample_record();

	record.op = BS_OP_OPEN;
	record.flags = BS_RECORD_PIN;
	strcpy(record.object, "/sys/fs/bpf/alice/ct_map");
	expect_line(&record, 1,
		"process: eve pid: 284 pod: eve op: open name: ct_map "
		"action: BPFDenied signer: - reason: unsigned");
}

static void expect_object(const struct bs_record *record, const char *text, const char *json)
{
	_cleanup_free_ char *line = lines_text(record, 1), *object = lines_json(record, 1);

	assert_string_equal(strstr(line, "op: "), text);
	if (!strstr(object, json))
		fail_msg("no %s in %s", json, object);
	assert_null(strstr(object, "\"name\""));
}

static void names_a_file_by_its_whole_path(void **state)
{
	struct bs_record record = sample_record();

	record.op = BS_OP_READ;
	record.flags = BS_RECORD_FILE | BS_RECORD_MARKED;
	strcpy(record.object, "/etc/alice.conf");
	expect_object(&record,
		"op: read file: /etc/alice.conf action: Denied signer: - reason: unsigned",
		"\"op\":\"read\",\"file\":\"/etc/alice.conf\",\"action\"");
	strcpy(record.object, "/tmp/a b: c");
	record.op = BS_OP_CODE;
	expect_object(&record,
		"op: code file: \"/tmp/a b: c\" action: Denied signer: - reason: unsigned",
		"\"file\":\"/tmp/a b: c\"");
	record.object[0] = 0;
	record.reason = BS_REASON_JIT;
	expect_object(&record, "op: code file: (memory) action: Denied signer: - reason: jit",
		"\"file\":null");
}

static void names_the_variable_behind_the_reason(void **state)
{
	struct bs_record record = sample_record();

	record.op = BS_OP_EXEC;
	record.flags = 0;
	record.reason = BS_REASON_ENVIRONMENT;
	strcpy(record.object, "PYTHON\nPATH");
	expect_object(&record,
		"op: exec action: BPFDenied signer: - reason: environment variable: \"PYTHON\\nPATH\"",
		"\"reason\":\"environment\",\"variable\":\"PYTHON\\nPATH\"");
	record.object[0] = 0;
	_cleanup_free_ char *json = lines_json(&record, 1);
	assert_null(strstr(json, "variable"));
}

static void writes_json(void **state)
{
	struct bs_record record = sample_record();
	_cleanup_free_ char *line = lines_json(&record, 2);

	assert_non_null(
		strstr(line, "\"process\":\"eve\",\"pid\":284,\"pod\":\"eve\",\"op\":\"load\","
			     "\"type\":\"xdp\",\"name\":\"from_netdev\","
			     "\"action\":\"BPFDenied\",\"signer\":null,"
			     "\"reason\":\"unsigned\""));
	assert_non_null(strstr(line, "\"count\":2"));
	assert_null(strchr(line, '\n'));
}

/* The end of the line about a denial for this reason, from its reason on. */
static void expect_why(uint32_t reason, uint32_t detail, uint32_t line, const char *expected)
{
	struct bs_record record = sample_record();

	record.reason = reason;
	record.detail = detail;
	record.line = line;
	_cleanup_free_ char *text = lines_text(&record, 1);
	assert_string_equal(strstr(text, "reason: "), expected);
}

static void numbers_functions_without_names(void **state)
{
	expect_why(BS_REASON_HELPER, 109, 17, "reason: helper helper: #109 rule: 17");
	expect_why(BS_REASON_KFUNC, BS_DETAIL_KFUNC | 3, 0, "reason: kfunc kfunc: #3");
	expect_why(BS_REASON_KERNEL_READS, BS_DETAIL_CONTEXT, 5,
		"reason: kernel-reads reads: context rule: 5");
	expect_why(BS_REASON_KERNEL_READS, BS_DETAIL_ADDRESS, 0,
		"reason: kernel-reads reads: address");
	expect_why(BS_REASON_MAX_INSTRUCTIONS, 123456, 9,
		"reason: max-instructions instructions: 123456 rule: 9");
	expect_why(BS_REASON_MAX_MAPS, 12, 9, "reason: max-maps maps: 12 rule: 9");
	expect_why(BS_REASON_LOAD_TYPE, 7, 4, "reason: load-type rule: 4");
	expect_why(BS_REASON_HELPER, 0, 0, "reason: helper");
}

static void names_functions(void **state)
{
	struct functions *functions = tiny_kernel();
	uint32_t kfunc = (uint32_t)functions_kfunc(functions, "bpf_task_from_pid");
	struct bs_kfuncs kfuncs = {.n = 2, .ids = {1, kfunc}};

	record_set_names(functions, &kfuncs);
	expect_why(BS_REASON_HELPER, 109, 17, "reason: helper helper: bpf_send_signal rule: 17");
	expect_why(BS_REASON_HELPER, 200, 0, "reason: helper helper: #200");
	expect_why(BS_REASON_KERNEL_READS, BS_DETAIL_KFUNC | 1, 0,
		"reason: kernel-reads kfunc: bpf_task_from_pid");
	expect_why(BS_REASON_KFUNC, BS_DETAIL_KFUNC | 2, 0, "reason: kfunc kfunc: #2");
	expect_why(BS_REASON_KFUNC, BS_DETAIL_BTF_ID | kfunc, 0,
		"reason: kfunc kfunc: bpf_task_from_pid");
	expect_why(BS_REASON_KFUNC, BS_DETAIL_BTF_ID | 99999, 0, "reason: kfunc kfunc: #99999");
	record_set_names(functions, NULL);
	expect_why(BS_REASON_KFUNC, BS_DETAIL_KFUNC | 1, 0, "reason: kfunc kfunc: #1");
	record_set_names(NULL, NULL);
	functions_free(&functions);
}

static void keeps_rule_and_mode_behind_the_reason(void **state)
{
	struct bs_record record = sample_record();

	record.reason = BS_REASON_HELPER;
	record.detail = 109;
	record.line = 17;
	record.flags |= BS_RECORD_OBSERVED;
	_cleanup_free_ char *text = lines_text(&record, 2);
	assert_string_equal(
		strstr(text, "reason: "), "reason: helper helper: #109 mode: observe rule: 17 ×2");
	_cleanup_free_ char *json = lines_json(&record, 2);
	assert_non_null(strstr(json, "\"reason\":\"helper\",\"helper\":\"#109\""));
	assert_non_null(strstr(json, "\"line\":17,\"count\":2"));
	record.reason = BS_REASON_MAX_MAPS;
	record.line = 0;
	_cleanup_free_ char *number = lines_json(&record, 1);
	assert_non_null(strstr(number, "\"reason\":\"max-maps\",\"maps\":109,"));
	assert_null(strstr(number, "\"line\""));
}

/* The lines made of these records, and then flushed at now_ns. */
static char *lines_of(const struct bs_record *records, size_t n, uint64_t now_ns)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct lines *lines = lines_new(out, LINES_TEXT);

	for (size_t i = 0; i < n; i++)
		lines_add(lines, &records[i]);
	lines_flush(lines, now_ns);
	fflush(out);
	char *ret = strdup(text);
	lines_free(&lines);
	fclose(out);
	free(text);
	return ret;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

static void merges_equal_denials_of_a_second(void **state)
{
	struct bs_record records[4];

	for (int i = 0; i < 4; i++) {
		records[i] = sample_record();
		records[i].time_ns += (uint64_t)i * 400000000; /* the fourth is 1.2 s later */
	}
	_cleanup_free_ char *lines = lines_of(records, 4, UINT64_MAX);
	assert_int_equal(count(lines, '\n'), 2);
	assert_non_null(strstr(lines, "×3\n"));
}

static void keeps_different_ones_and_the_order(void **state)
{
	struct bs_record records[3] = {sample_record(), sample_record(), sample_record()};

	records[1].action = BS_ACTION_APPROVED;
	records[1].reason = BS_REASON_OK;
	records[2].tgid = 999;
	_cleanup_free_ char *early = lines_of(records, 3, records[0].time_ns + 1);
	assert_string_equal(early, ""); /* a denial holds back what came after it */
	_cleanup_free_ char *late = lines_of(records, 3, records[0].time_ns + 1000000000);
	assert_int_equal(count(late, '\n'), 3);
	assert_true(strstr(late, "BPFDenied") < strstr(late, "Approved"));
}

static void tells_losses_once(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct lines *lines = lines_new(out, LINES_TEXT);

	lines_lost(lines, 0, 0);
	lines_lost(lines, 7, 1);
	lines_lost(lines, 7, 1);
	lines_lost(lines, 9, 1);
	lines_suppressed(lines, 0);
	lines_suppressed(lines, UINT32_MAX);
	lines_suppressed(lines, UINT32_MAX);
	lines_suppressed(lines, 4);
	lines_free(&lines);
	fclose(out);
	assert_int_equal(count(text, '\n'), 4);
	assert_non_null(strstr(text, "suppressed: 4294967295 records"));
	assert_non_null(strstr(text, "suppressed: 5 records"));
	assert_non_null(strstr(text, "lost: 8 records"));
	assert_non_null(strstr(text, "lost: 2 records"));
	free(text);
}

static void tells_what_a_follower_missed(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct lines *plain = lines_new(out, LINES_TEXT), *json = lines_new(out, LINES_JSON);

	assert_int_equal(lines_missed(plain, 12), 0);
	assert_int_equal(lines_missed(json, 12), 0);
	lines_free(&plain);
	lines_free(&json);
	fclose(out);
	assert_string_equal(
		text, "missed: 12 records came faster than they were taken\n{\"missed\":12}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_lines_of_the_talk),
		cmocka_unit_test(ends_with_what_ima_measured),
		cmocka_unit_test(tells_denied_from_bpfdenied),
		cmocka_unit_test(quotes_what_could_mislead),
		cmocka_unit_test(names_a_pin_by_its_last_part),
		cmocka_unit_test(names_a_file_by_its_whole_path),
		cmocka_unit_test(names_the_variable_behind_the_reason),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(numbers_functions_without_names),
		cmocka_unit_test(names_functions),
		cmocka_unit_test(keeps_rule_and_mode_behind_the_reason),
		cmocka_unit_test(merges_equal_denials_of_a_second),
		cmocka_unit_test(keeps_different_ones_and_the_order),
		cmocka_unit_test(tells_losses_once),
		cmocka_unit_test(tells_what_a_follower_missed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
