/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A descriptor from one process to another, through a Unix socket (SCM_RIGHTS). */

#include "tests/vm/lib/act.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A message of one byte with room for one descriptor. */
struct message {
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec part;
	struct msghdr header;
};

static inline void message_init(struct message *message)
{
	memset(message, 0, sizeof(*message));
	message->part = (struct iovec){&message->byte, 1};
	message->header.msg_iov = &message->part;
	message->header.msg_iovlen = 1;
	message->header.msg_control = &message->control;
	message->header.msg_controllen = sizeof(message->control);
}

static inline int unix_socket(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(ret_address->sun_path, path, sizeof(ret_address->sun_path) - 1);
	return set_up("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static inline int listen_at(const char *path)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	set_up(path, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	set_up(path, listen(fd, 1));
	return fd;
}

static inline int connect_to(const char *path)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	set_up(path, connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static inline long send_descriptor(int through, int fd)
{
	struct message message;

	message_init(&message);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message.header);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(through, &message.header, 0);
}

/*
 * The descriptor, or -1: the kernel refuses one by leaving it out of the message, which is EPERM
 * here. No message at all means that nothing was sent, so that nothing was tried.
 */
static inline long receive_descriptor(int through)
{
	struct message message;
	int fd;

	message_init(&message);
	errno = ENOMSG;
	need(recvmsg(through, &message.header, MSG_CMSG_CLOEXEC) > 0, "no message");
	struct cmsghdr *header = CMSG_FIRSTHDR(&message.header);
	if (!header || header->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = ENOMSG;
		need(message.header.msg_flags & MSG_CTRUNC, "no descriptor was sent");
		errno = EPERM;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}
