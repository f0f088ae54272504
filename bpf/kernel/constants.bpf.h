/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* include/linux/binfmts.h: binfmt_misc left the argv[0] that execve was given (its flag P) */
#define BINPRM_FLAGS_PRESERVE_ARGV0 (1 << 3)

/* Constants of the kernel that are macros there, so BTF does not have them; each is part of an ABI.
 */

#define S_IFMT                   0170000 /* include/uapi/linux/stat.h */
#define S_IFREG                  0100000
#define S_IFDIR                  0040000
#define O_TRUNC                  00001000 /* of x86 and most others */
#define S_IFCHR                  0020000
#define S_IWUGO                  0222
#define MAY_READ                 4         /* include/linux/fs.h */
#define O_TMPFILE                020000000 /* include/uapi/asm-generic/fcntl.h: __O_TMPFILE */
#define PROT_WRITE               2         /* include/uapi/asm-generic/mman-common.h */
#define PROT_EXEC                4
#define MAP_SHARED               1         /* MAP_SHARED_VALIDATE too */
#define MAP_DENYWRITE            0x0800    /* glibc's loader says so of all that it maps */
#define VM_EXEC                  4         /* include/linux/mm.h */
#define MNT_INTERNAL             0x4000    /* include/linux/mount.h: pipes, memfd, SysV memory */
#define SB_KERNMOUNT             (1 << 22) /* include/linux/fs.h: the kernel's own */
#define FMODE_READ               1         /* include/linux/fs.h */
#define FMODE_WRITE              2
#define S_VERITY                 (1 << 16)  /* include/linux/fs.h, since v5.4 */
#define BPF_FS_MAGIC             0xcafe4a11 /* include/uapi/linux/magic.h */
#define ANON_INODE_FS_MAGIC      0x09041934
#define PIPEFS_MAGIC             0x50495045
#define TMPFS_MAGIC              0x01021994
#define HUGETLBFS_MAGIC          0x958458f6
#define OVERLAYFS_SUPER_MAGIC    0x794c7630
#define PROC_SUPER_MAGIC         0x9fa0
#define NSFS_MAGIC               0x6e736673
#define SYSFS_MAGIC              0x62656572
#define DEBUGFS_MAGIC            0x64626720
#define TRACEFS_MAGIC            0x74726163
#define SECURITYFS_MAGIC         0x73636673
#define CGROUP_SUPER_MAGIC       0x27e0eb
#define CGROUP2_SUPER_MAGIC      0x63677270
#define PERF_EVENT_IOC_SET_BPF   0x40042408 /* include/uapi/linux/perf_event.h */
#define TUNSETSTEERINGEBPF       0x800454e0 /* include/uapi/linux/if_tun.h */
#define TUNSETFILTEREBPF         0x800454e1
#define SIOCKCMATTACH            0x89e0 /* include/uapi/linux/kcm.h */
#define SOL_IP                   0      /* include/linux/socket.h and the headers of each level */
#define SOL_SOCKET               1
#define SOL_IPV6                 41
#define SOL_PACKET               263
#define SO_ATTACH_BPF            50
#define SO_ATTACH_REUSEPORT_EBPF 52
#define PACKET_FANOUT_DATA       22
#define XT_SO_SET_REPLACE        64 /* ip_tables, ip6_tables: rules, which may have the match `bpf` */
#define ARPT_SO_SET_REPLACE      96  /* arp_tables */
#define EBT_SO_SET_ENTRIES       128 /* ebtables */
#define NETLINK_ROUTE            0
#define NETLINK_NETFILTER        12
#define FS_IOC_ENABLE_VERITY     0x40806685 /* include/uapi/linux/fsverity.h */
#define LSM_UNSAFE_SHARE         1          /* include/linux/security.h */
#define LSM_UNSAFE_PTRACE        2
#define CLONE_VM                 0x00000100 /* include/uapi/linux/sched.h */
#define CLONE_FILES              0x00000400
#define CLONE_THREAD             0x00010000
#define PTRACE_MODE_ATTACH       0x02 /* include/linux/ptrace.h */
#define PTRACE_MODE_NOAUDIT      0x04
#define CAP_SYS_ADMIN            21         /* include/uapi/linux/capability.h */
#define SIGNAL_GROUP_EXIT        0x00000004 /* include/linux/sched/signal.h */
#define PF_KTHREAD               0x00200000
#define PF_IO_WORKER             0x00000010 /* include/linux/sched.h */
#define PF_USER_WORKER           0x00004000
#define ATTR_MODE                (1 << 0) /* include/linux/fs.h */
#define ATTR_SIZE                (1 << 3)
#define ATTR_FILE                (1 << 13)
#define ATTR_OPEN                (1 << 15)
#define EPERM                    1
#define ENOENT                   2
#define EAGAIN                   11
#define ENOMEM                   12
#define EACCES                   13
#define EBUSY                    16
#define EINVAL                   22
#define ERANGE                   34
#define ENODATA                  61
#define ENOLINK                  67
#define EOPNOTSUPP               95
#define EALREADY                 114
#define ECANCELED                125
#define ENOKEY                   126
#define EKEYEXPIRED              127
#define EKEYREVOKED              128
