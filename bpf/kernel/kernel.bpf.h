/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's structs, enums and kfuncs that we touch, and no more: a vmlinux.h of the build host
 * would let the host decide what compiles. CO-RE adjusts every field at load; a struct holds only
 * the fields we read. Checked on 6.12, 6.18 and 7.3.
 *
 * A pointed-to struct must be a definition, not a forward declaration: libbpf 1.1 refuses a kfunc
 * whose prototype names one ("func_proto incompatible with kernel").
 */

#include <stdbool.h>
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "bpf/kernel/constants.bpf.h"
#include "bpf/kernel/cred.bpf.h" /* IWYU pragma: export */

typedef unsigned int fmode_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct address_space {
	unsigned long nrpages; /* pages in the cache; 0: nothing was cached before now */
};

struct fsverity_operations {
	void *begin_enable_verity;
};

struct super_block {
	unsigned long s_flags; /* SB_* */
	unsigned long s_magic;
	const struct fsverity_operations *s_vop; /* NULL: no fs-verity there */
	unsigned int s_dev;                      /* dev_t: major << 20 | minor */
};

struct inode {
	unsigned short i_mode;
	unsigned int i_rdev; /* of a device: major << 20 | minor */
	unsigned int i_flags;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	unsigned long i_ino;
	const void *i_op;
	void *i_private; /* on bpffs: the map, program or link */
	void *i_security;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	struct path f_path;
	fmode_t f_mode;
	unsigned int f_flags;
	const void *f_op;
	/*
	 * of a descriptor of BPF: the map, program or link; of an overlay's file, see
	 * overlay.bpf.h
	 */
	void *private_data;
};

struct fdtable {
	unsigned int max_fds; /* a multiple of 64 */
	struct file **fd;
	unsigned long *open_fds; /* a bit for each descriptor */
};

typedef struct {
	int counter;
} atomic_t;

struct files_struct {
	atomic_t count; /* tasks that share it */
	struct fdtable *fdt;
};

struct iattr {
	unsigned int ia_valid; /* ATTR_* */
	unsigned short ia_mode;
};

struct linux_binprm {
	struct file *file;
	const char *filename;      /* as it was given to execve */
	const char *interp;        /* the same; behind a script, the interpreter that it names */
	unsigned int interp_flags; /* BINPRM_FLAGS_* */
	unsigned int unsafe;       /* LSM_UNSAFE_* */
	/* user address: the strings of argv, then those of the environment */
	unsigned long p;
	int argc, envc;
	char buf[256]; /* the first bytes of the file */
};

struct filename {
	const char *name;
};

/* Of the look-up of a path that is under way. */
struct nameidata {
	struct filename *name;
};

struct ctl_table {
	int maxlen; /* bytes of its value */
};

struct upid {
	int nr;
};

struct pid {
	struct upid numbers[1]; /* the first: in the initial namespace */
};

/* fs/proc/internal.h */
struct proc_inode {
	struct pid *pid;
	const struct ctl_table *sysctl_entry; /* NULL: no file of /proc/sys */
	struct inode vfs_inode;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct file *vm_file;
	void *anon_vma; /* not NULL: some page may be a private copy */
};

struct sock {
	unsigned short sk_protocol;
};

struct seq_file {
	void *private;
};

struct notification;

/* include/uapi/linux/filter.h: classic BPF */
struct sock_filter {
	__u16 code;
	__u8 jt, jf;
	__u32 k;
};

struct sock_fprog_kern {
	__u16 len;
	struct sock_filter *filter;
};

struct seccomp_filter {
	struct seccomp_filter *prev;
	struct bpf_prog *prog;
};

struct seccomp {
	int mode;
	struct seccomp_filter *filter;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net_device {
	char name[16];
	int ifindex;
	struct hlist_node index_hlist;
};

struct net {
	struct hlist_head *dev_index_head; /* 256 chains by the lowest byte of the index */
};

struct nsproxy {
	struct net *net_ns;
};

struct signal_struct {
	atomic_t live; /* threads that have not begun to exit */
	unsigned int flags;
	int nr_threads;
};

struct task_struct;
struct mm_struct {
	struct task_struct *owner;
};

struct restart_block {
	void *fn;
};

struct task_struct {
	struct restart_block restart_block;
	unsigned int flags; /* PF_* */
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct task_struct *group_leader;
	int pid;
	int tgid;
	__u64 start_boottime; /* ns */
	struct task_struct *real_parent;
	struct cred *cred;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct seccomp seccomp;
	struct nameidata *nameidata;
	void *bpf_storage;
};

struct bpf_map {
	enum bpf_map_type map_type;
	unsigned int map_flags;
	unsigned int id;
	char name[16];
};

struct btf_header {
	unsigned int str_len;
};

struct btf_type {
	unsigned int name_off;
};

struct btf {
	struct btf_type **types;
	const char *strings;
	struct btf *base_btf;  /* of a module: the kernel's */
	unsigned int start_id; /* first type that is not in base_btf */
	unsigned int start_str_off;
};

struct bpf_prog;

struct bpf_prog_aux {
	unsigned int id;
	unsigned int used_map_cnt;
	unsigned int max_rdwr_access; /* bytes of a buffer that an iterator's context lends */
	unsigned int attach_btf_id;
	struct btf *attach_btf;
	struct bpf_prog *dst_prog;
	struct btf *btf; /* of its own functions */
	struct bpf_map **used_maps;
	char name[16];
};

struct bpf_prog {
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	unsigned int len; /* instructions */
	struct bpf_prog_aux *aux;
	struct sock_fprog_kern *orig_prog; /* as a classic program was given; else NULL */
	struct bpf_insn insnsi[0];
};

struct bpf_link {
	unsigned int id;
	enum bpf_link_type type;
	struct bpf_prog *prog; /* NULL of a struct_ops link */
};

/* In front of what an iterator's seq_file calls its private data. */
struct bpf_iter_priv_data {
	struct bpf_prog *prog;
	unsigned char target_private[0];
};

struct bpf_link_primer {
	struct bpf_link *link;
	unsigned int id; /* link->id gets it later */
};

struct trace_event_class {
	const char *system;
};

struct tracepoint {
	const char *name;
};

struct trace_event_call {
	struct trace_event_class *class;
	union {
		const char *name;
		struct tracepoint *tp; /* with TRACE_EVENT_FL_TRACEPOINT */
	};
	int flags;
};

struct perf_event {
	struct trace_event_call *tp_event;
};

struct key {
	int serial;
	char *description;
};

#pragma clang attribute pop

/* enum key_need_perm, include/linux/key.h; the values come from the running kernel. */
enum key_need_perm {
	KEY_NEED_VIEW = 1,
	KEY_NEED_READ = 2,
	KEY_NEED_SEARCH = 4,       /* also of KEYCTL_INVALIDATE */
	KEY_DEFER_PERM_CHECK = 10, /* a look-up whose user asks again for what it really needs */
};

/*
 * include/linux/trace_events.h: an enum without a name, which CO-RE cannot look up; 8 since
 * v3.15.
 */
#define TRACE_EVENT_FL_TRACEPOINT (1 << 3)
#define TRACE_EVENT_FL_KPROBE     (1 << 5)
#define TRACE_EVENT_FL_UPROBE     (1 << 6)

/* enum lockdown_reason, include/linux/security.h; the values come from the running kernel. */
enum lockdown_reason {
	LOCKDOWN_NONE,
	LOCKDOWN_BPF_WRITE_USER,
	LOCKDOWN_BPF_READ_KERNEL,
#define LOCKDOWN(id, word, level, doc) LOCKDOWN_##id,
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
};

/* enum kernel_read_file_id, include/linux/kernel_read_file.h; the same. */
enum kernel_read_file_id {
	READING_KEXEC_IMAGE = 3,
	READING_KEXEC_INITRAMFS,
};

#define BPF_TOKEN_CREATE 36 /* enum bpf_cmd, since v6.9 */

struct bpf_key {
	struct key *key;
	bool has_ref;
};

/* struct fsverity_digest of include/uapi/linux/fsverity.h, with room for SHA-512. */
struct measurement {
	__u16 algorithm;
	__u16 size;
	__u8 digest[64];
};

#include "bpf/kernel/kfuncs.bpf.h" /* IWYU pragma: export */
