/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Links, and the ways to a map, program or link that do not lead through bpf(2). */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"
#include "bpf/guard/lockdown.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/doors.bpf.h"
#include "bpf/objects/links.bpf.h"
#include "bpf/objects/objects.bpf.h"

/* bpf_link_settle(): a link gets its id. The kernel has no LSM hook for the making of links. */
SEC("fentry/bpf_link_settle")
int BPF_PROG(on_bpf_link_settle, struct bpf_link_primer *primer)
{
	link_made(primer);
	return 0;
}

/* bpf_link_free(), the same for their end. */
SEC("fentry/bpf_link_free")
int BPF_PROG(on_bpf_link_free, struct bpf_link *link)
{
	link_freed(link);
	return 0;
}

/*
 * inode_permission(), for every component of every path: an inode of another file system is dropped
 * at once. BPF_OBJ_GET of a link asks no other hook (bpf_obj_do_get() of kernel/bpf/inode.c), nor
 * does a uprobe (create_local_trace_uprobe() of kernel/trace/trace_uprobe.c).
 */
SEC("lsm/inode_permission")
int BPF_PROG(on_inode_permission, struct inode *inode)
{
	if (is_uprobe_path())
		return refuse_if(decide_lockdown(BS_LOCKDOWN_UPROBES));
	if (peek(inode)->i_sb->s_magic != BPF_FS_MAGIC || (inode->i_mode & S_IFMT) != S_IFREG)
		return 0; /* not a pin */
	if (!is_link_pin(inode, owner_find(inode->i_private)))
		return 0; /* maps and programs have hooks of their own */
	return refuse_if(decide_link_pin(inode->i_private));
}

/*
 * watchbpf, between the attaching and the activation: who has a program from before. A byte is
 * written for a process without memory for its note.
 */
SEC("iter/task_file")
int stock_holders(struct bpf_iter__task_file *ctx)
{
	return holder_stock(ctx->meta->seq, ctx->task, ctx->file);
}

/* locks_remove_posix(), while that lasts: a descriptor is closed, which a thread may move. */
SEC("fentry/locks_remove_posix")
int BPF_PROG(stock_closed, struct file *file)
{
	if (file_kind(file) == BS_KIND_PROGRAM)
		holder_note(HOLDS_OTHERS);
	return 0;
}

/*
 * binder_translate_fd(), on which the receiver gets a descriptor without file_receive. Only the
 * sender is there to be judged, so none of BPF's goes this way.
 */
SEC("lsm/binder_transfer_file")
int BPF_PROG(on_binder_transfer_file, const struct cred *unused_from, const struct cred *unused_to,
	struct file *file)
{
	return file_kind(file) == BS_KIND_ALIAS ? 0 : refuse_if(decide_handed());
}

/* receive_fd(): SCM_RIGHTS, pidfd_getfd(2), and the descriptors that a seccomp listener adds. */
SEC("lsm.s/file_receive")
int BPF_PROG(on_file_receive, struct file *file)
{
	const int kind = file_kind(file);

	return kind == BS_KIND_ALIAS ? 0 : refuse_if(decide_descriptor(file, kind));
}

/* do_sock_setsockopt(): an unmarked task could attach a program that it inherited to a socket. */
SEC("lsm/socket_setsockopt")
int BPF_PROG(on_socket_setsockopt, struct socket *unused_socket, int level, int option)
{
	return is_door_option(level, option) ? refuse_if(decide_door()) : 0;
}

/* netlink_sendmsg(): the same by XDP, tc, lightweight tunnels and nftables. */
SEC("lsm.s/netlink_send")
int BPF_PROG(on_netlink_send, struct sock *socket)
{
	return is_door_netlink(socket) ? refuse_if(decide_door()) : 0;
}
