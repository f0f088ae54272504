/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The BPF side seen from user space: load, fill, attach, pin, join, order, watch. Only this folder
 * knows the skeleton.
 *
 * Every kernel object has two lifetimes: the file descriptors in struct enforcer, which die with
 * the process, and the pins, which keep enforcement alive without it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"
#include "src/image/image.h"
#include "src/record/pod.h"

struct enforcer; /* open descriptors of the running enforcement */

/* What was loaded when enforcement began. */
struct enforcer_before {
	size_t maps, programs;
};

/* Told of a thing that does not keep the enforcement from beginning. message: one line. */
typedef void (*enforcer_warn_fn)(const char *message);

struct enforcer_options {
	uint32_t mode;        /* BS_MODE_ENFORCE or BS_MODE_OBSERVE */
	int32_t control_ring; /* serial of the control signer's ring, 0: none */
	const int32_t *keys;  /* the signers' rings, their parents, the keys in them: guarded */
	size_t n_keys;
	const int32_t *kernel_keys; /* the same of the kernel's own rings, where it may search */
	size_t n_kernel_keys;
	bool every_exec;         /* record every exec, not only those of entitled programs */
	const uint32_t *adopted; /* ids of foreign programs that may stay */
	size_t n_adopted;
	const char *sequences;  /* file with the highest sequences seen; NULL: none */
	uint32_t initrd_device; /* the kernel's dev_t of the initrd that this is; 0: it is none */
	/*
	 * Asked when all is attached and nothing is denied yet; 0, or why not to begin. NULL: not
	 * asked.
	 */
	int (*prove)(struct diag *reterr);
	enforcer_warn_fn warn;          /* NULL: nobody is told */
	struct enforcer_before *before; /* filled by enforcer_start() */
};

/* Is there a place for the pins: the kernel thread kdevtmpfs, and a /proc that shows it? */
bool enforcer_has_keeper(void);

/* Is our lsm/bpf hook there and deciding? Asks the kernel itself; needs no privilege. */
bool enforcer_is_alive(void);

/*
 * Did an enforcement lose a hook without an order? Then nobody uses bpf() until the next boot. Asks
 * the kernel; needs root, since others are refused by other things too.
 */
bool enforcer_is_broken(void);

/* Does the kernel take this process for the control program? */
bool enforcer_is_control(void);

/*
 * Removes what a killed start or stop left, and waits, at most a minute, until the kernel has freed
 * it. -EEXIST for a foreign program (below) that is not among the ids in adopted.
 */
int enforcer_make_way(const uint32_t *adopted, size_t n_adopted, struct diag *reterr);

/*
 * Begins enforcement, after enforcer_make_way(): loads, installs the image as one frozen map,
 * attaches every hook, pins, activates, and proves itself with the canary (-ENODEV when it does not
 * answer). On failure nothing stays attached. The caller must then re-execute itself to earn its
 * mark.
 */
int enforcer_start(
	const struct image *image, const struct enforcer_options *options, struct diag *reterr);

/*
 * Opens the pins of the running enforcement, but for those of the reader. -EPERM when the kernel
 * does not take us for the control program, -ENOENT without pins.
 */
int enforcer_join(struct enforcer **ret, struct diag *reterr);
void enforcer_free(struct enforcer **enforcer);

/*
 * The hooks whose pins are gone, while bpf() is refused too: 1 with their names in *ret (heap, with
 * commas), 0 with NULL; -ENOMEM. meant: `hooks` of struct bs_state; any other number, 0 say, has
 * the names looked up one by one.
 */
int enforcer_missing(uint32_t meant, char **ret);

/* The state as it is now. */
int enforcer_state(struct enforcer *enforcer, struct bs_state *ret);

/* 1 when the policy in force is this image, 0 when not, or -errno. */
int enforcer_has_image(struct enforcer *enforcer, const struct image *image);

/* Replaces the policy by one store: whole, frozen, then published; after an accepted order. */
int enforcer_replace(struct enforcer *enforcer, const struct image *image, struct diag *reterr);

/*
 * Submits an order (claim and signature) and returns the kernel's answer in *ret_reason, enum
 * bs_reason: BS_REASON_OK when it was carried out.
 */
int enforcer_order(struct enforcer *enforcer, const void *order, size_t size, uint32_t *ret_reason);

/* Is this one of the keyrings that nobody can change while we enforce? 1, 0, or -errno. */
int enforcer_guards_keyring(struct enforcer *enforcer, int32_t serial);

/* From now on these rings and keys are some of them; needs an order that was accepted. */
int enforcer_guard_keys(const int32_t *serials, size_t n, enum bs_guard kind);

/* From now on no order but `unseal` changes them. -EALREADY when we do not enforce. */
int enforcer_seal(void);

/* Ends what an order to change the keyrings permits; every mark is verified again. */
int enforcer_order_done(struct enforcer *enforcer);

/*
 * From now on these n, ascending by id, are the pods of this node, and no others; after
 * enforcer_read(). -E2BIG: the map is full.
 */
int enforcer_set_pods(struct enforcer *enforcer, const struct pod_cgroup *pods, size_t n);

/* Removes the pins; works only after an accepted order `stop`. */
int enforcer_remove_pins(struct diag *reterr);

/* --- the reader of the records -------------------------------------------------------------- */

/*
 * Makes this process the one that reads the records and writes the pods, and opens what it needs
 * for that. The kernel side frees the place when the process ends. -EBUSY: another process has the
 * place, see enforcer_reader(); -EPERM: no control program, or without CAP_SYS_ADMIN.
 */
int enforcer_read(struct enforcer *enforcer, struct diag *reterr);

/* The process that reads. */
struct enforcer_reader {
	uint32_t pid;    /* in the initial namespace */
	uint32_t number; /* which reader it is since the start, from 1 on */
	char name[16];   /* of its command; empty where /proc does not show it */
	bool stopped;    /* by SIGSTOP or a terminal */
	char unit[256];  /* its systemd unit, container or pod; empty: none of these */
};

/* 1 and the reader, 0 when there is none, or -errno. Asks the kernel side, and /proc for names. */
int enforcer_reader(struct enforcer *enforcer, struct enforcer_reader *ret);

/* "process 42 ('watchbpf', watchbpf.service), which is stopped", escaped. Heap, or NULL. */
char *enforcer_reader_text(const struct enforcer_reader *reader);

/*
 * Fills name and stopped from the text of /proc/PID/stat (proc_pid_stat(5)), whose name may hold
 * any byte. -EBADMSG for any other text.
 */
int enforcer_reader_parse(const char *stat, struct enforcer_reader *ret);

/* The bytes of one record as they are in the ring, not checked yet: record_parse() does. */
typedef void (*enforcer_record_fn)(void *userdata, const void *data, size_t size);

/* Starts delivering records to fn; userdata is passed on. After enforcer_read(). */
int enforcer_watch(struct enforcer *enforcer, enforcer_record_fn fn, void *userdata);

/* Readable when a record is there; for poll(2). After enforcer_watch(). */
int enforcer_fd(const struct enforcer *enforcer);

/* Delivers what is there, waiting at most timeout_ms; number of records or -errno. */
int enforcer_poll(struct enforcer *enforcer, int timeout_ms);

/* Writes the highest sequences seen to a file, atomically, when they have moved. */
int enforcer_save_sequences(struct enforcer *enforcer, const char *path);

/* --- what is loaded; list.c ----------------------------------------------------------------- */

/* A map, program or link that exists now. */
struct listed_object {
	struct bs_owner owner; /* id and kind always; the rest where it is known */
	bool known;            /* made since the start, so the enforcement knows by whom */
	bool own;              /* belongs to the enforcement itself */
};

/*
 * All of them, by kind and id. What was made before the start has an id and no more: nobody may
 * look into it. The caller frees *ret. -errno with *reterr filled.
 */
int enforcer_list(struct listed_object **ret, size_t *ret_n, struct diag *reterr);

/* "xdp" for BPF_LINK_TYPE_XDP; NULL for a number without a name. */
const char *enforcer_link_type(uint32_t type);

/* --- looking around, for the probes; probe.c ------------------------------------------------ */

/* Does the running kernel's BTF have this function? 1, 0, or -errno without BTF. */
int enforcer_kernel_has(const char *function);

/* A program that could outvote us: type LSM or EXT, or attached as fmod_ret. */
struct foreign_program {
	uint32_t id;
	char name[16];
	const char *kind; /* "lsm", "freplace", "fmod_ret" */
};

/* Those loaded now, at most size of them; their number (which may be larger), or -errno. */
int enforcer_foreign(struct foreign_program *ret, size_t size);
