/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Records from the process that reads the rings to those who follow it, by a SOCK_SEQPACKET socket.
 * No decision depends on it. The reader never waits for a follower: one that is too slow misses
 * packets, and is told how many.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/contract/abi.h"

#define RELAY_DIRECTORY "/run/bpfsign"
#define RELAY_SOCKET    RELAY_DIRECTORY "/follow"
#define RELAY_FOLLOWERS 16 /* at most; further ones are closed at once */

enum relay_kind {
	RELAY_NAMES = 1,  /* first of all: the kfuncs of the policy in force */
	RELAY_RECORD = 2, /* as it was in the ring */
	RELAY_LOST = 3,   /* counts that have moved: what found the rings full, since the start */
	RELAY_MISSED = 4, /* records that this follower was too slow for, since the last of these */
	RELAY_END,
};

/* One packet: its head and the member of its kind. */
struct relay_packet {
	uint32_t version; /* BS_ABI_VERSION */
	uint32_t kind;    /* enum relay_kind */
	union {
		struct bs_kfuncs names;
		struct bs_record record;
		struct {
			uint64_t records, alarms;
		} lost;
		uint64_t missed;
	};
};

/*
 * Checks what a socket has given: version, kind and size. A record is not looked into, see
 * record_parse(). -EPROTONOSUPPORT for another ABI version, -EBADMSG for anything else that
 * no reader sends; *ret is then untouched.
 */
int relay_parse(const void *data, size_t size, struct relay_packet *ret);

/* --- the reader's side ---------------------------------------------------------------------- */

struct relay;

/*
 * Listens at path, whose directory must be there; what a reader before has left is replaced. Only
 * processes of this process's user may follow. names is copied; NULL: none. The caller frees *ret
 * with relay_free(), which removes the socket. -ENAMETOOLONG, -ENOMEM, or -errno of socket(2),
 * bind(2), listen(2).
 */
int relay_open(const char *path, const struct bs_kfuncs *names, struct relay **ret);
void relay_free(struct relay **relay);

/* Readable when a follower comes; for poll(2). */
int relay_fd(const struct relay *relay);

/*
 * Takes in those who came, forgets those who went, and tells the rest what they missed. Does not
 * wait.
 */
void relay_serve(struct relay *relay);

/* Hands on the bytes of one record, of any version. Does not wait. */
void relay_record(struct relay *relay, const void *data, size_t size);

/* Hands on the counts of bs_state, when they have moved; each follower gets them once at least. */
void relay_lost(struct relay *relay, uint64_t records, uint64_t alarms);

/* --- the follower's side -------------------------------------------------------------------- */

/*
 * Connects to the reader at path: a descriptor, and in *ret_peer the process that listens there.
 * -ENOENT or -ECONNREFUSED: none does. -errno of connect(2).
 */
int relay_connect(const char *path, pid_t *ret_peer);

/*
 * The next packet. 1, 0 when the reader has ended, -EAGAIN when there is none yet, errors of
 * relay_parse(), or -errno of recv(2).
 */
int relay_receive(int fd, struct relay_packet *ret);
