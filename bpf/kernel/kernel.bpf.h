/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's structs, constants and kfuncs that we touch, and no more: a vmlinux.h
 * of the build host would let the host decide what compiles. CO-RE adjusts every field
 * at load; a struct holds only the fields we read. Checked on 6.12, 6.18 and 7.3.
 *
 * A pointed-to struct must be a definition, not a forward declaration: libbpf 1.1
 * refuses a kfunc whose prototype names one ("func_proto incompatible with kernel").
 */

#include <stdbool.h>
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

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
	unsigned long s_magic;
	const struct fsverity_operations *s_vop; /* NULL: no fs-verity there */
	unsigned int s_dev; /* dev_t: major << 20 | minor */
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
	void *private_data; /* of a descriptor of BPF: the map, program or link; of an overlay's file, see overlay.bpf.h */
};

struct fdtable {
	unsigned int max_fds; /* a multiple of 64 */
	struct file **fd;
	unsigned long *open_fds; /* a bit for each descriptor */
};

struct files_struct {
	struct fdtable *fdt;
};

struct user_namespace {
	int level; /* 0: the initial one */
};

struct cred {
	struct user_namespace *user_ns;
};

struct linux_binprm {
	struct file *file;
	const char *filename; /* as it was given to execve */
	const char *interp;   /* the same; behind a script, the interpreter that it names */
	unsigned int unsafe;  /* LSM_UNSAFE_* */
	unsigned long p;      /* user address: the strings of argv, then those of the environment */
	int argc, envc;
};

struct filename {
	const char *name;
};

/* Of the look-up of a path that is under way. */
struct nameidata {
	struct filename *name;
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

struct seccomp_filter {
	struct seccomp_filter *prev;
	struct notification *notif; /* a listener that can answer in the kernel's place */
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
	int nr_threads;
};

struct task_struct {
	struct signal_struct *signal;
	int pid;
	int tgid;
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
	struct btf *base_btf;	 /* of a module: the kernel's */
	unsigned int start_id;	 /* first type that is not in base_btf */
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
	KEY_NEED_SEARCH = 4, /* also of KEYCTL_INVALIDATE */
	KEY_DEFER_PERM_CHECK = 10, /* a look-up whose user asks again for what it really needs */
};

/* include/linux/trace_events.h: an enum without a name, which CO-RE cannot look up; 8 since v3.15. */
#define TRACE_EVENT_FL_TRACEPOINT (1 << 3)
#define TRACE_EVENT_FL_KPROBE	  (1 << 5)
#define TRACE_EVENT_FL_UPROBE	  (1 << 6)

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

#define S_IFMT			0170000 /* include/uapi/linux/stat.h */
#define S_IFREG			0100000
#define S_IFDIR			0040000
#define S_IFCHR			0020000
#define MAY_READ		4 /* include/linux/fs.h */
#define O_TMPFILE		020000000 /* include/uapi/asm-generic/fcntl.h: __O_TMPFILE */
#define PROT_WRITE		2 /* include/uapi/asm-generic/mman-common.h */
#define PROT_EXEC		4
#define VM_EXEC			4 /* include/linux/mm.h */
#define MNT_INTERNAL		0x4000 /* include/linux/mount.h: memfd, SysV memory */
#define FMODE_READ		1 /* include/linux/fs.h */
#define FMODE_WRITE		2
#define S_VERITY		(1 << 16)  /* include/linux/fs.h, since v5.4 */
#define BPF_FS_MAGIC		0xcafe4a11 /* include/uapi/linux/magic.h */
#define ANON_INODE_FS_MAGIC	0x09041934
#define OVERLAYFS_SUPER_MAGIC	0x794c7630
#define PROC_SUPER_MAGIC	0x9fa0
#define NSFS_MAGIC		0x6e736673
#define SYSFS_MAGIC		0x62656572
#define DEBUGFS_MAGIC		0x64626720
#define TRACEFS_MAGIC		0x74726163
#define SECURITYFS_MAGIC	0x73636673
#define CGROUP_SUPER_MAGIC	0x27e0eb
#define CGROUP2_SUPER_MAGIC	0x63677270
#define PERF_EVENT_IOC_SET_BPF	0x40042408 /* include/uapi/linux/perf_event.h */
#define TUNSETSTEERINGEBPF	0x800454e0 /* include/uapi/linux/if_tun.h */
#define TUNSETFILTEREBPF	0x800454e1
#define SIOCKCMATTACH		0x89e0 /* include/uapi/linux/kcm.h */
#define SOL_IP			0      /* include/linux/socket.h and the headers of each level */
#define SOL_SOCKET		1
#define SOL_IPV6		41
#define SOL_PACKET		263
#define SO_ATTACH_BPF		50
#define SO_ATTACH_REUSEPORT_EBPF 52
#define PACKET_FANOUT_DATA	22
#define XT_SO_SET_REPLACE	64  /* ip_tables, ip6_tables: rules, which may have the match `bpf` */
#define ARPT_SO_SET_REPLACE	96  /* arp_tables */
#define EBT_SO_SET_ENTRIES	128 /* ebtables */
#define NETLINK_ROUTE		0
#define NETLINK_NETFILTER	12
#define FS_IOC_ENABLE_VERITY	0x40806685 /* include/uapi/linux/fsverity.h */
#define LSM_UNSAFE_SHARE	1 /* include/linux/security.h */
#define LSM_UNSAFE_PTRACE	2
#define CLONE_VM		0x00000100 /* include/uapi/linux/sched.h */
#define CLONE_THREAD		0x00010000
#define PTRACE_MODE_ATTACH	0x02 /* include/linux/ptrace.h */
#define EPERM			1
#define ENOENT			2
#define EAGAIN			11
#define ENOMEM			12
#define EACCES			13
#define EINVAL			22
#define ENODATA			61
#define EALREADY		114
#define ECANCELED		125
#define ENOKEY			126
#define EKEYEXPIRED		127
#define EKEYREVOKED		128

/* struct fsverity_digest of include/uapi/linux/fsverity.h, with room for SHA-512. */
struct measurement {
	__u16 algorithm;
	__u16 size;
	__u8 digest[64];
};

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

/* kernel/bpf/helpers.c, since v6.2: memory that is read as the kernel reads it, with faults caught. */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;

/* kernel/bpf/helpers.c, since v6.11: the bytes with a NUL, their number with it; -EFAULT. */
extern int bpf_copy_from_user_str(
	void *to, __u32 to__sz, const void *from__ign, __u64 flags) __ksym;
