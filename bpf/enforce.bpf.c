// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * Every program of the enforcement, one for each line of bpf/contract/hooks.def. Each finds the
 * object that is asked for and calls one function that decides; judge/emit.bpf.h writes the record,
 * and judge/conclude.bpf.h turns the verdict into 0 or -EPERM.
 *
 *   hook                       purpose                                           (room)
 *
 * bpf/hooks/guard.bpf.h
 *   inode_unlink               protect pins                                      (guard)
 *   inode_rmdir                protect pins                                      (guard)
 *   inode_rename               protect pins                                      (guard)
 *   inode_link                 protect pins                                      (guard)
 *   inode_symlink              protect pins                                      (guard)
 *   inode_create               protect the directory of our pins                 (guard)
 *   inode_mkdir                protect the directory of our pins                 (guard)
 *   inode_setattr              protect pins, nameless memory, modes of /sys      (guard)
 *   inode_follow_link          refuse truncate(2) of what /proc shows            (guard)
 *   sb_mount                   protect every bpffs                               (guard)
 *   move_mount                 protect every bpffs                               (guard)
 *   sb_remount                 protect every bpffs                               (guard)
 *   sb_umount                  protect every bpffs                               (guard)
 *   cgroup_bpf                 refuse bpf() when a hook of ours is gone          (guard)
 *   cgroup_locked_down         refuse changes of the kernel then                 (guard)
 *   cgroup_kernel_read_file    refuse another kernel then                        (guard)
 *   cgroup_sysctl              protect kernel.ftrace_enabled                     (guard)
 *   key_permission             protect the signers' keyrings                     (trust)
 *   ptrace_access_check        protect the memory of marked tasks, and the place
 *                              of our pins                                       (guard)
 *   ptrace_traceme             protect the memory of marked tasks                (guard)
 *
 * bpf/hooks/kernel.bpf.h
 *   locked_down                refuse changes and reads of the kernel            (guard)
 *   perf_event_open            have inode_permission refuse uprobes              (guard)
 *   kernel_read_file           refuse another kernel                             (guard)
 *
 * bpf/hooks/objects.bpf.h
 *   bpf_link_settle            remember the owner of a link                      (objects)
 *   bpf_link_free              forget it; notice the end of our own links        (objects)
 *   inode_permission           decide who opens a pinned link; refuse uprobes    (objects, guard)
 *   binder_transfer_file       refuse descriptors that are passed by binder      (objects)
 *   file_receive               decide on descriptors that are passed, note the
 *                              holders of programs                               (objects)
 *   socket_setsockopt          refuse inherited programs to sockets              (objects)
 *   netlink_send               refuse inherited programs to interfaces           (objects)
 *   and, no hooks but steps of the start:
 *   stock_closed               note who moves a program from before              (objects)
 *   stock_holders              note who has one from before                      (objects)
 *
 * bpf/hooks/files.bpf.h
 *   file_post_open             decide on files that are read                     (files)
 *   mmap_file                  decide on files and memory that are executed      (files)
 *   mmap_backing_file          compare the digest of the file below an overlay   (files)
 *   file_mprotect              decide on memory that becomes executable          (files)
 *   file_open                  end a taint; decide on bpffs, nsfs, tracefs,
 *                              O_TMPFILE, /proc/self/mem, pipes and shared
 *                              memory                                            (files, guard)
 *   inode_alloc_security       remember whose a pipe or nameless memory is       (guard)
 *   file_ioctl                 begin a taint; refuse inherited programs          (files, objects)
 *   file_ioctl_compat          the same for 32-bit programs                      (files, objects)
 *   inode_free_security        forget a taint                                    (files)
 *   inode_copy_up              keep files that are read below their overlay      (files)
 *   inode_post_removexattr     forget the verified claim                         (facts)
 *   inode_post_setxattr        forget the verified claim                         (facts)
 *   fsverity_verify_signature  remember what a built-in signature is for         (trust)
 *   inode_setintegrity         remember that it is right                         (trust)
 *
 * bpf/hooks/exec.bpf.h
 *   bprm_creds_for_exec        measure the file before the kernel reads it       (task)
 *   bprm_check_security        verify the claim of each file of the chain        (task)
 *   bprm_creds_from_file       read IMA's verdict                                (trust)
 *   bprm_committed_creds       measure again, make the mark and judge it; look
 *                              whether a holder still has its program            (task, objects)
 *   task_alloc                 copy the mark, and the note of a holder, to a new
 *                              process                                           (task, objects)
 *
 * bpf/hooks/call.bpf.h
 *   bpf_map_create             decide on a new map, remember its owner           (command.bpf.h)
 *   bpf_map                    decide who obtains a map                          (command.bpf.h)
 *   bpf_map_free               forget the owner                                  (objects)
 *   bpf_prog_load              judge a program before the verifier               (objects)
 *   bpf_prog                   judge it again after, decide who obtains it, note
 *                              who holds it                                      (command.bpf.h)
 *   bpf_prog_free              forget the owner                                  (objects)
 *   bpf                        decide on each command                            (command.bpf.h)
 */

#include "bpf/kernel/kernel.bpf.h"

#include "bpf/hooks/guard.bpf.h"
#include "bpf/hooks/kernel.bpf.h"
#include "bpf/hooks/objects.bpf.h"
#include "bpf/hooks/files.bpf.h"
#include "bpf/hooks/exec.bpf.h"
#include "bpf/hooks/call.bpf.h"

char LICENSE[] SEC("license") = "GPL";
