/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A decision as a record in a ring buffer, or as one more in the count of lost ones. */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/place.bpf.h"
#include "bpf/facts/user.bpf.h"

/* The operation that a task asks for, as far as the hook knows it. Small, for the stack. */
struct request {
	__u32 op;           /* enum bs_op */
	__u32 type;         /* of program or map, by flags */
	__u32 flags;        /* enum bs_record_flag */
	__u32 id;           /* of the object, 0: none */
	__u32 line;         /* of the policy's rule, 0: none */
	__u32 detail;       /* see bs_record */
	const char *owner;  /* BS_NAME_SIZE bytes, or NULL */
	const void *object; /* text in kernel memory; with BS_RECORD_PIN in user memory; or NULL */
};

#define PROCESS_RATE 100  /* records a second of one operation and reason */
#define USER_RATE    1000 /* records a second of all processes of a user but root */

/* One more record of this second. Approximate where two processors begin a second at once. */
static __always_inline bool rate_is_exceeded(const struct rate_key *key, __u64 limit)
{
	struct rate now = {.second = bpf_ktime_get_boot_ns() >> 30, .records = 1};
	struct rate *rate = bpf_map_lookup_elem(&rates, key);

	if (!rate) {
		bpf_map_update_elem(&rates, key, &now, BPF_ANY);
		return false;
	}
	if (rate->second < now.second) {
		rate->second = now.second;
		rate->records = 0;
	}
	return __sync_fetch_and_add(&rate->records, 1) >= limit;
}

/*
 * Has this process, or its user, so many records of refusals that others' would not find room? What
 * is let pass is always recorded.
 */
static __always_inline bool is_suppressed(const struct request *request, __u32 reason)
{
	struct rate_key process = {
		.tgid = bpf_get_current_pid_tgid() >> 32, .op = request->op, .reason = reason};
	struct rate_key user = {
		.uid = current_user(), .reason = !!(request->flags & BS_RECORD_ALARM)};

	if (!reason)
		return false;
	return rate_is_exceeded(&process, PROCESS_RATE) ||
	       (user.uid && rate_is_exceeded(&user, USER_RATE));
}

static __always_inline void count_lost(bool alarm)
{
	__sync_fetch_and_add(alarm ? &state.lost_alarms : &state.lost_records, 1);
}

/*
 * What a record has of nothing. Texts are copied and cleared by a helper: by words, the verifier
 * would look at each in every program that refuses.
 */
static const struct bs_record empty_record;

#define fill(to, from) bpf_probe_read_kernel(to, sizeof(to), from)

static __always_inline void fill_task(struct bs_record *record)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_pid_tgid();

	record->time_ns = bpf_ktime_get_boot_ns();
	record->cgroup = bpf_get_current_cgroup_id();
	record->pid = (__u32)ids;
	record->tgid = ids >> 32;
	record->ppid = BPF_CORE_READ(task, real_parent, tgid);
	record->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

static __always_inline void fill_pod(struct bs_record *record)
{
	if (!current_pod(&record->pod)) /* which may have begun to copy one */
		bpf_probe_read_kernel(&record->pod, sizeof(record->pod), &empty_record.pod);
}

/* The path of the current task's executable; empty and cut where there is none. */
static __always_inline void fill_path(struct bs_record *record)
{
	struct file *file = bpf_get_task_exe_file(bpf_get_current_task_btf());

	if (!file) {
		record->flags |= BS_RECORD_PATH_CUT;
		return;
	}
	if (bpf_path_d_path(&file->f_path, record->path, sizeof(record->path)) < 0)
		record->flags |= BS_RECORD_PATH_CUT;
	bpf_put_file(file);
}

static __always_inline void fill_mark(struct bs_record *record, const struct mark *mark)
{
	if (!mark || !(mark->verdict.flags & MARK_VERIFIED))
		return;
	record->flags |= BS_RECORD_MARKED;
	fill(record->program, mark->facts.name);
	fill(record->signer, mark->signer);
	if (record->op == BS_OP_EXEC)
		bpf_probe_read_kernel(&record->measured, sizeof(record->measured), &mark->measured);
}

static __always_inline void fill_request(struct bs_record *record, const struct request *request)
{
	record->version = BS_ABI_VERSION;
	record->size = sizeof(*record);
	record->op = request->op;
	record->type = request->type;
	record->flags = request->flags;
	record->id = request->id;
	record->line = request->line;
	record->detail = request->detail;
	if (request->flags & BS_RECORD_PIN) /* for people only: no decision uses this path */
		bpf_probe_read_user_str(record->object, sizeof(record->object), request->object);
	else if (request->object)
		bpf_probe_read_kernel_str(record->object, sizeof(record->object), request->object);
	if (request->owner) /* a number to the verifier, which looks at emit() by itself */
		fill(record->owner, request->owner);
}

/*
 * Writes the record of a decision: nothing else does. reason: enum bs_reason. One too many in a
 * second is counted as suppressed, and one that finds the ring full as lost; the decision stands.
 * Global, like other functions with many callers: the verifier then verifies it once for each
 * program, not on every path.
 */
__noinline int emit(struct request *request, struct mark *mark, __u32 reason)
{
	if (!request)
		return 0;

	if (is_suppressed(request, reason)) {
		__sync_fetch_and_add(&state.suppressed, 1);
		return 0;
	}
	bool alarm = request->flags & BS_RECORD_ALARM;
	struct bs_record *record = alarm ? bpf_ringbuf_reserve(&alarms, sizeof(*record), 0)
					 : bpf_ringbuf_reserve(&records, sizeof(*record), 0);
	if (!record) {
		count_lost(alarm);
		return 0;
	}
	bpf_probe_read_kernel(record, sizeof(*record), &empty_record);
	fill_request(record, request);
	fill_task(record);
	fill_mark(record, mark);
	fill_path(record);
	fill_pod(record);
	record->reason = reason;
	record->action = reason <= BS_REASON_TRIVIAL ? BS_ACTION_APPROVED : BS_ACTION_DENIED;
	if (record->action == BS_ACTION_DENIED && mode() == BS_MODE_OBSERVE)
		record->flags |= BS_RECORD_OBSERVED;
	bpf_ringbuf_submit(record, 0);
	return 0;
}
