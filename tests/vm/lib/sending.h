/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A descriptor from one process to another, through a Unix socket (SCM_RIGHTS). */

#include "tests/vm/lib/step.h"

#include <sys/socket.h>
#include <sys/un.h>

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static inline int unix_socket(const char *path, struct sockaddr_un *ret_address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		could_not_try("socket");
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(ret_address->sun_path, path, sizeof(ret_address->sun_path) - 1);
	return fd;
}

static inline int listen_at(const char *path)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		could_not_try(path);
	return fd;
}

static inline int connect_to(const char *path)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		could_not_try(path);
	return fd;
}

static inline long send_descriptor(int through, int fd)
{
	union control control = {0};
	struct iovec byte = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(through, &message, 0);
}

/* EPERM: what the kernel makes of a refusal, the message without its descriptor. */
static inline long receive_descriptor(int through)
{
	union control control = {0};
	struct iovec byte = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(through, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = message.msg_flags & MSG_CTRUNC ? EPERM : ENOMSG;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}
