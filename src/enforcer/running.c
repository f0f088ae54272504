/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The running enforcement through its pins: state, records, orders, another policy. */

#include "src/enforcer/enforcer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/enforcer/internal.h"
#include "src/enforcer/mutation.h"
#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"

/* Maps that a control program opens, by the name of their pin; the last are the reader's. */
enum pin {
	PIN_STATE,
	PIN_POLICIES,
	PIN_ORDERS,
	PIN_SEQUENCES,
	PIN_KEYRINGS,
	PIN_RECORDS,
	PIN_ALARMS,
	PIN_PODS,
	PIN_END,
};

static const struct {
	const char *name;
	uint32_t flags; /* of BPF_OBJ_GET */
} pins[PIN_END] = {
	[PIN_STATE] = {"state", BPF_F_RDONLY},
	[PIN_POLICIES] = {"policies", BPF_F_RDONLY},
	[PIN_ORDERS] = {"orders", 0},
	[PIN_SEQUENCES] = {"sequences", BPF_F_RDONLY},
	[PIN_KEYRINGS] = {"keyrings", BPF_F_RDONLY},
	[PIN_RECORDS] = {"records", 0},
	[PIN_ALARMS] = {"alarms", 0},
	[PIN_PODS] = {"pods", 0},
};

struct enforcer {
	int fds[PIN_END];
	struct ring_buffer *rings;
	char *saved; /* sequences as they were last written */
	enforcer_record_fn fn;
	void *userdata;
};

void enforcer_free(struct enforcer **enforcer)
{
	if (!*enforcer)
		return;
	for (int i = 0; i < PIN_END; i++)
		close_fd(&(*enforcer)->fds[i]);
	ring_buffer__free((*enforcer)->rings);
	free((*enforcer)->saved);
	free(*enforcer);
	*enforcer = NULL;
}

/* flags: of BPF_OBJ_GET. Only an order lets us write what decides. */
static int open_pin(enum pin pin, uint32_t flags, struct diag *reterr)
{
	int fd = keeper_open(pins[pin].name, flags);

	if (fd < 0) {
		diag_set(reterr, fd, "can't open the enforcement's map '%s': %s", pins[pin].name,
			strerror(-fd));
		if (fd == -EPERM)
			diag_hint(reterr,
				"this program is not signed as the policy demands, or not run by root");
		else if (fd == -EBUSY)
			diag_hint(reterr, "policy or signers change all the time; try again");
	}
	return fd;
}

/* The pins from first to before end. */
static int open_pins(struct enforcer *enforcer, int first, int end, struct diag *reterr)
{
	for (int i = first; i < end; i++) {
		enforcer->fds[i] = open_pin(i, pins[i].flags, reterr);
		if (enforcer->fds[i] < 0)
			return enforcer->fds[i];
	}
	return 0;
}

int enforcer_join(struct enforcer **ret, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = calloc(1, sizeof(*enforcer));
	if (!enforcer)
		return -ENOMEM;
	for (int i = 0; i < PIN_END; i++)
		enforcer->fds[i] = -EBADF;
	int r = open_pins(enforcer, 0, PIN_RECORDS, reterr);
	if (r == 0)
		*ret = TAKE_PTR(enforcer);
	return r;
}

int enforcer_read(struct enforcer *enforcer, struct diag *reterr)
{
	int r = hook_call(BS_COMMAND_READ, 0);

	if (r == 0)
		return open_pins(enforcer, PIN_RECORDS, PIN_END, reterr);
	diag_set(reterr, r, r == -EBUSY ? "another process reads" : "can't become the reader: %s",
		strerror(-r));
	return r;
}

int enforcer_state(struct enforcer *enforcer, struct bs_state *ret)
{
	uint32_t zero = 0;

	int r = bpf_map_lookup_elem(enforcer->fds[PIN_STATE], &zero, ret);
	if (r == 0)
		mutation_report(ret->contradictions);
	return r;
}

/* The inner map in slot 0; an fd, or -errno. */
static int open_policy(struct enforcer *enforcer)
{
	uint32_t zero = 0, id = 0;
	int r = bpf_map_lookup_elem(enforcer->fds[PIN_POLICIES], &zero, &id);

	LIBBPF_OPTS(bpf_get_fd_by_id_opts, options, .open_flags = BPF_F_RDONLY);

	return r < 0 ? r : bpf_map_get_fd_by_id_opts(id, &options);
}

static int count_entries(int fd)
{
	struct bs_program_key key, next;
	int n = 0;

	for (void *previous = NULL; bpf_map_get_next_key(fd, previous, &next) == 0; n++) {
		key = next;
		previous = &key;
	}
	return n;
}

int enforcer_has_image(struct enforcer *enforcer, const struct image *image)
{
	_cleanup_close_ int fd = open_policy(enforcer);

	if (fd < 0)
		return fd;
	if (count_entries(fd) != (int)image->n_entries)
		return 0;
	for (size_t i = 0; i < image->n_entries; i++) {
		union bs_policy_value value;
		int r = bpf_map_lookup_elem(fd, &image->entries[i].key, &value);
		if (r == -ENOENT)
			return 0;
		if (r < 0)
			return r;
		if (memcmp(&value, &image->entries[i].value, sizeof(value)))
			return 0;
	}
	return 1;
}

int enforcer_replace(struct enforcer *enforcer, const struct image *image, struct diag *reterr)
{
	_cleanup_close_ int fd = open_pin(PIN_POLICIES, 0, reterr);
	mutation_point();
	int r = fd < 0 ? fd : fill_policy(fd, image);
	mutation_point();

	if (fd < 0)
		return fd;
	if (r < 0)
		return diag_set(reterr, r, "can't publish the policy: %s", strerror(-r));
	return 0;
}

int enforcer_guards_keyring(struct enforcer *enforcer, int32_t serial)
{
	struct bs_guarded guarded;
	int r = bpf_map_lookup_elem(enforcer->fds[PIN_KEYRINGS], &serial, &guarded);

	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

int enforcer_guard_keys(const int32_t *serials, size_t n, enum bs_guard kind)
{
	_cleanup_close_ int fd = open_pin(PIN_KEYRINGS, 0, NULL);
	struct bs_guarded guarded = {.kind = kind};
	int r = fd < 0 ? fd : 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = bpf_map_update_elem(fd, &serials[i], &guarded, BPF_NOEXIST);
		if (r == -EEXIST)
			r = 0; /* what is guarded already keeps what is known of it */
	}
	return r;
}

static int open_self(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return fd < 0 ? -errno : fd;
}

/* Stores the slot in our own task storage and reads it back with the answer of the hook. */
static int exchange(struct enforcer *enforcer, struct bs_order *slot)
{
	_cleanup_close_ int self = open_self();

	if (self < 0)
		return self;
	int r = bpf_map_update_elem(enforcer->fds[PIN_ORDERS], &self, slot, BPF_ANY);
	if (r == 0) /* the hook on this call answers before the kernel reads the value */
		r = bpf_map_lookup_elem(enforcer->fds[PIN_ORDERS], &self, slot);
	if (r < 0)
		return r;
	return slot->status == BS_ORDER_ANSWERED ? 0 : -EPROTO;
}

int enforcer_order(struct enforcer *enforcer, const void *order, size_t size, uint32_t *ret_reason)
{
	_cleanup_free_ struct bs_order *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	if (size > sizeof(slot->signed_claim))
		return -EFBIG;
	slot->status = BS_ORDER_SUBMITTED;
	slot->size = (uint32_t)size;
	memcpy(&slot->signed_claim, order, size);

	int r = exchange(enforcer, slot);
	if (r == 0)
		*ret_reason = slot->reason;
	return r;
}

int enforcer_order_done(struct enforcer *enforcer)
{
	_cleanup_free_ struct bs_order *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	slot->status = BS_ORDER_DONE;
	return exchange(enforcer, slot);
}

static int deliver(void *userdata, void *data, size_t size)
{
	struct enforcer *enforcer = userdata;

	enforcer->fn(enforcer->userdata, data, size);
	return 0;
}

int enforcer_watch(struct enforcer *enforcer, enforcer_record_fn fn, void *userdata)
{
	enforcer->fn = fn;
	enforcer->userdata = userdata;
	enforcer->rings = ring_buffer__new(enforcer->fds[PIN_ALARMS], deliver, enforcer, NULL);
	if (!enforcer->rings)
		return -errno;
	return ring_buffer__add(enforcer->rings, enforcer->fds[PIN_RECORDS], deliver, enforcer);
}

int enforcer_poll(struct enforcer *enforcer, int timeout_ms)
{
	return ring_buffer__poll(enforcer->rings, timeout_ms);
}

int enforcer_fd(const struct enforcer *enforcer)
{
	return ring_buffer__epoll_fd(enforcer->rings);
}

static int compare_id(const void *key, const void *element)
{
	const uint64_t *id = key;
	const struct pod_cgroup *pod = element;

	return *id < pod->id ? -1 : *id > pod->id;
}

/* Takes those out of the map that are gone. */
static void forget_pods(int fd, const struct pod_cgroup *pods, size_t n)
{
	uint64_t id, next;
	void *previous = NULL;

	while (bpf_map_get_next_key(fd, previous, &next) == 0) {
		if (previous && !bsearch(&id, pods, n, sizeof(*pods), compare_id))
			bpf_map_delete_elem(fd, &id); /* behind the look for its next */
		id = next;
		previous = &id;
	}
	if (previous && !bsearch(&id, pods, n, sizeof(*pods), compare_id))
		bpf_map_delete_elem(fd, &id);
}

/* Who reads the map in the kernel meanwhile finds an element that is replaced changing. */
static bool has_pod(int fd, const struct pod_cgroup *pod)
{
	struct bs_pod before;

	return bpf_map_lookup_elem(fd, &pod->id, &before) == 0 &&
	       memcmp(&before, &pod->pod, sizeof(before)) == 0;
}

int enforcer_set_pods(struct enforcer *enforcer, const struct pod_cgroup *pods, size_t n)
{
	int fd = enforcer->fds[PIN_PODS], r = 0;

	forget_pods(fd, pods, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!has_pod(fd, &pods[i]))
			r = bpf_map_update_elem(fd, &pods[i].id, &pods[i].pod, BPF_ANY);
	return r;
}

int enforcer_save_sequences(struct enforcer *enforcer, const char *path)
{
	_cleanup_free_ char *text = sequences_show(enforcer->fds[PIN_SEQUENCES]);

	if (!text)
		return -ENOMEM;
	if (enforcer->saved && strcmp(enforcer->saved, text) == 0)
		return 0;
	int r = write_file_atomic(path, text, strlen(text), 0600);
	if (r == 0) {
		free(enforcer->saved);
		enforcer->saved = TAKE_PTR(text);
	}
	return r;
}
