/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The socket between the reader and its followers. */

#include "src/record/relay.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/base.h"

#define HEAD_SIZE   offsetof(struct relay_packet, names)
#define BUFFER_SIZE (4 << 20) /* bytes that may wait for one follower: as much as in the ring */

struct follower {
	int fd;
	uint64_t missed; /* and not told yet */
	bool is_told;    /* of the records that were lost */
};

struct relay {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int listener;
	uint64_t lost_records, lost_alarms; /* as of the last relay_lost() */
	struct bs_kfuncs names;
	struct follower followers[RELAY_FOLLOWERS];
	size_t n;
};

/* --- packets -------------------------------------------------------------------------------- */

/* Bytes behind the head, by enum relay_kind. */
static const size_t sizes[RELAY_END] = {
	[RELAY_NAMES] = sizeof(struct bs_kfuncs),
	[RELAY_RECORD] = sizeof(struct bs_record),
	[RELAY_LOST] = 2 * sizeof(uint64_t),
	[RELAY_MISSED] = sizeof(uint64_t),
};

int relay_parse(const void *data, size_t size, struct relay_packet *ret)
{
	struct relay_packet packet;

	if (size < HEAD_SIZE || size > sizeof(packet))
		return -EBADMSG;
	memcpy(&packet, data, size);
	if (packet.version != BS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (packet.kind == 0 || packet.kind >= RELAY_END || size != HEAD_SIZE + sizes[packet.kind])
		return -EBADMSG;
	if (packet.kind == RELAY_NAMES && packet.names.n > ARRAY_SIZE(packet.names.ids))
		return -EBADMSG;
	memcpy(ret, data, size);
	return 0;
}

static void begin_packet(struct relay_packet *packet, enum relay_kind kind)
{
	packet->version = BS_ABI_VERSION;
	packet->kind = kind;
}

static bool send_packet(int fd, const struct relay_packet *packet)
{
	size_t size = HEAD_SIZE + sizes[packet->kind];

	return send(fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

/* --- the reader's side ---------------------------------------------------------------------- */

static int set_address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	strcpy(ret->sun_path, path);
	return 0;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	int r = set_address(path, &address);
	if (r < 0)
		return r;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0600) < 0 ||
		listen(fd, RELAY_FOLLOWERS) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int relay_open(const char *path, const struct bs_kfuncs *names, struct relay **ret)
{
	int fd = listen_at(path);

	if (fd < 0)
		return fd;
	struct relay *relay = calloc(1, sizeof(*relay));
	if (!relay) {
		close(fd);
		return -ENOMEM;
	}
	relay->listener = fd;
	strcpy(relay->path, path);
	if (names)
		relay->names = *names;
	*ret = relay;
	return 0;
}

void relay_free(struct relay **relay)
{
	if (!*relay)
		return;
	unlink((*relay)->path); /* while this is still the reader: the next one's is another */
	for (size_t i = 0; i < (*relay)->n; i++)
		close((*relay)->followers[i].fd);
	close((*relay)->listener);
	free(*relay);
	*relay = NULL;
}

int relay_fd(const struct relay *relay)
{
	return relay->listener;
}

static bool is_allowed(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

/* One that comes is told the names first: a packet that always fits. */
static void add_follower(struct relay *relay, int fd)
{
	const int buffer = BUFFER_SIZE;
	struct relay_packet packet = {.names = relay->names};

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	begin_packet(&packet, RELAY_NAMES);
	if (relay->n == RELAY_FOLLOWERS || !is_allowed(fd) || !send_packet(fd, &packet)) {
		close(fd);
		return;
	}
	relay->followers[relay->n++] = (struct follower){.fd = fd};
}

/* Nobody has anything to say to us: whatever is readable is the end. */
static bool is_gone(const struct follower *follower)
{
	char byte;

	return recv(follower->fd, &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

static void forget_gone(struct relay *relay)
{
	for (size_t i = 0; i < relay->n;) {
		if (!is_gone(&relay->followers[i])) {
			i++;
			continue;
		}
		close(relay->followers[i].fd);
		relay->followers[i] = relay->followers[--relay->n];
	}
}

/* What a follower has not been told yet, if there is room for it by now. */
static void tell(const struct relay *relay, struct follower *follower)
{
	struct relay_packet packet;

	if (follower->missed) {
		begin_packet(&packet, RELAY_MISSED);
		packet.missed = follower->missed;
		if (!send_packet(follower->fd, &packet))
			return;
		follower->missed = 0;
	}
	if (follower->is_told)
		return;
	begin_packet(&packet, RELAY_LOST);
	packet.lost.records = relay->lost_records;
	packet.lost.alarms = relay->lost_alarms;
	follower->is_told = send_packet(follower->fd, &packet);
}

void relay_serve(struct relay *relay)
{
	forget_gone(relay);
	for (size_t i = 0; i < RELAY_FOLLOWERS; i++) { /* the next wait for the next time */
		int fd = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			break;
		add_follower(relay, fd);
	}
	for (size_t i = 0; i < relay->n; i++)
		tell(relay, &relay->followers[i]);
}

void relay_record(struct relay *relay, const void *data, size_t size)
{
	struct relay_packet packet;

	if (!relay->n || size != sizeof(packet.record))
		return; /* of another version: the reader prints it no more than they would */
	begin_packet(&packet, RELAY_RECORD);
	memcpy(&packet.record, data, size);
	for (size_t i = 0; i < relay->n; i++) {
		struct follower *follower = &relay->followers[i];
		tell(relay, follower);
		if (follower->missed || !send_packet(follower->fd, &packet))
			follower->missed++;
	}
}

void relay_lost(struct relay *relay, uint64_t records, uint64_t alarms)
{
	if (records == relay->lost_records && alarms == relay->lost_alarms)
		return;
	relay->lost_records = records;
	relay->lost_alarms = alarms;
	for (size_t i = 0; i < relay->n; i++) {
		relay->followers[i].is_told = false;
		tell(relay, &relay->followers[i]);
	}
}

/* --- the follower's side -------------------------------------------------------------------- */

int relay_connect(const char *path, pid_t *ret_peer)
{
	struct sockaddr_un address;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	int r = set_address(path, &address);
	if (r < 0)
		return r;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	*ret_peer = peer.pid;
	return TAKE_FD(fd);
}

int relay_receive(int fd, struct relay_packet *ret)
{
	char bytes[sizeof(struct relay_packet) + 1]; /* one more: a longer packet is noticed */
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (n == 0)
		return 0;
	int r = relay_parse(bytes, (size_t)n, ret);
	return r < 0 ? r : 1;
}
