/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel's functions that programs call, with the file and the version that they are from. */

#include "bpf/kernel/kernel.bpf.h"

/* kernel/trace/bpf_trace.c, since v6.1. A serial is u32 up to 6.12 and s32 from 6.18. */
extern struct bpf_key *bpf_lookup_user_key(__s32 serial, __u64 flags) __ksym;
extern void bpf_key_put(struct bpf_key *key) __ksym;
extern int bpf_verify_pkcs7_signature(
	struct bpf_dynptr *data, struct bpf_dynptr *signature, struct bpf_key *keyring) __ksym;

/* fs/verity/measure.c and fs/bpf_fs_kfuncs.c, both in v6.12. */
extern int bpf_get_fsverity_digest(struct file *file, struct bpf_dynptr *digest) __ksym;
extern int bpf_get_file_xattr(
	struct file *file, const char *name__str, struct bpf_dynptr *value) __ksym;
extern struct file *bpf_get_task_exe_file(struct task_struct *task) __ksym;
extern void bpf_put_file(struct file *file) __ksym;
extern int bpf_path_d_path(struct path *path, char *buffer, __u64 buffer__sz) __ksym;

/*
 * kernel/bpf/helpers.c, since v6.2: memory that is read as the kernel reads it, with faults
 * caught.
 */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;

/*
 * The same object, for reading what needs no trust. Of a pointer that is read from a trusted one,
 * the verifier asks whether it is trusted too: up to v6.18 it searches all types of the kernel for
 * that by name, two to four times (btf_nested_type_is_trusted() of kernel/bpf/btf.c), which was
 * half of the time of a start.
 */
#define peek(object)                                                                               \
	((const typeof(*(object)) *)bpf_rdonly_cast(                                               \
		object, bpf_core_type_id_kernel(typeof(*(object)))))

/* kernel/bpf/helpers.c, since v6.11: the bytes with a NUL, their number with it; -EFAULT. */
extern int bpf_copy_from_user_str(
	void *to, __u32 to__sz, const void *from__ign, __u64 flags) __ksym;

/* kernel/bpf/helpers.c, since v6.2. */
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

/* kernel/bpf/helpers.c, since v6.2: by its number in the initial namespace. */
extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

/* kernel/bpf/task_iter.c, since v6.7. */
struct bpf_iter_task {
	__u64 opaque[3];
};

#define BPF_TASK_ITER_ALL_THREADS 1

extern int bpf_iter_task_new(
	struct bpf_iter_task *iterator, struct task_struct *unused, unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *iterator) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *iterator) __ksym;
