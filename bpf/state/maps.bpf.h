/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Every map: its writer, its readers, and the meaning of a missing entry. All are our own objects:
 * only the control program may obtain a descriptor of one.
 */

#include "bpf/contract/abi.h"
#include "bpf/contract/rules.h"
#include "bpf/kernel/kfuncs.bpf.h"
#include "bpf/state/mark.bpf.h"

/* --- fixed before the load ------------------------------------------------------------------ */

const volatile __u32 start_mode = BS_MODE_ENFORCE;   /* enum bs_mode */
const volatile __s32 control_ring = 0;               /* the control signer's; 0: there is none */
const volatile __u8 start_nonce[BS_NONCE_SIZE] = {}; /* orders for this start must name it */
const volatile __u32 pin_device = 0;                 /* dev_t of the bpffs with our pins */
const volatile __u64 pin_directory = 0;              /* inode number of the directory there */
const volatile __s32 pin_keeper = 0;       /* the kernel thread in whose mount namespace it is */
const volatile __u64 pin_namespace = 0;    /* inode number of that, on nsfs */
const volatile __u32 adopted_programs = 0; /* foreign ones that --adopt accepted */
/* dev_t of the initrd in which we start; 0: in none */
const volatile __u32 initrd_device = 0;
const volatile __u32 starter = 0;       /* process id of the watchbpf that starts us */
const volatile __u64 starter_ticks = 0; /* since the boot, when that process was started */
const volatile __u32 meant_links = 0;   /* how many links it attaches */
const volatile __u32 meant_hooks = 0;   /* and programs, with those on the root cgroup */
/* enum bs_overlay, where overlay.ko is there */
const volatile __u32 overlay_known = BS_OVERLAY_READ;
const volatile bool report_every_exec = false; /* --exec all */

const volatile struct bs_addresses address = {}; /* of the kernel's own objects */

/* For tests, set by watchbpf-mutant alone: see bpf/judge/whole.bpf.h. */
const volatile bool count_contradictions = false;
const volatile bool tear_marks = false;

/* --- the policy ----------------------------------------------------------------------------- */

struct policy_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* watchbpf makes as many as the policy needs */
	/* sizes, not types: clang 14 leaves the types of an inner map as forward declarations */
	__uint(key_size, sizeof(struct bs_program_key));
	__uint(value_size, sizeof(union bs_policy_value));
};

/*
 * Written by watchbpf: a complete, frozen policy is stored in slot 0. Read by every
 * decision. An empty slot: no policy, everything is denied.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct policy_map);
} policies SEC(".maps");

/*
 * Written here only (frozen: no system call writes it), read by watchbpf. A section of data is a
 * map that programs use without a look-up.
 */
struct bs_state state SEC(".data.state");

/*
 * Highest sequence ever verified of a signer's program. Written here, and by watchbpf
 * when it restores saved ones. Missing: nothing was verified yet. A full map refuses entries with
 * `min-sequence: latest`.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bs_sequence_key);
	__type(value, __u64);
} sequences SEC(".maps");

/*
 * Serials of the signers' keyrings, their parents and the keys in them. Written by watchbpf before
 * the first hook is attached, by an order `enroll` later. Missing: no ring or key of ours, by which
 * nothing is verified.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __s32);
	__type(value, struct bs_guarded);
} keyrings SEC(".maps");

/* Ids of our own programs. Written by watchbpf before the first hook is attached. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BS_OWN_OBJECTS);
	__type(key, __u32);
	__type(value, __u32);
} own_programs SEC(".maps");

/*
 * Ids of our own maps, the constants among them, which have no name here: with a descriptor of one
 * its constants can be rewritten by an iterator, frozen or not. Written by watchbpf before the
 * first hook is attached.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BS_OWN_OBJECTS);
	__type(key, __u32);
	__type(value, __u32);
} own_maps SEC(".maps");

/*
 * Ids of our own links. Written by watchbpf as it attaches, then frozen; one that is freed before
 * the activation is deleted here, so that they are fewer than were meant.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BS_OWN_OBJECTS);
	__type(key, __u32);
	__type(value, __u32);
} own_links SEC(".maps");

/*
 * Written by watchbpf as pods come and go, by the id of the pod's cgroup. Missing: no pod, or not
 * known yet.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bs_pod);
} pods SEC(".maps");

/* --- records -------------------------------------------------------------------------------- */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} records SEC(".maps");

/* Attacks on ourselves, which other noise must not crowd out. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} alarms SEC(".maps");

/*
 * Records in a second, of a process or of an ordinary user. Written here. Missing, or forgotten for
 * others: none yet.
 */
struct rate_key {
	__u32 tgid;   /* 0: all processes of the user, whatever they ask for */
	__u32 uid;    /* 0: of a process */
	__u32 op;     /* enum bs_op; 0: of a user */
	__u32 reason; /* enum bs_reason; of a user, 1: alarms, which have room of their own */
};

struct rate {
	__u64 second; /* about that: 2^30 ns */
	__u64 records;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct rate_key);
	__type(value, struct rate);
} rates SEC(".maps");

/* --- facts about tasks, files and objects --------------------------------------------------- */

/*
 * In the storage of the thread group's leader. Written here. Missing: the process executed no file
 * with fs-verity.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct process);
} processes SEC(".maps");

/* Written here. Missing: the task never executed a file with fs-verity nor called bpf(). */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/*
 * In the storage of the thread group's leader: the process may have a descriptor of a program.
 * Written here. Missing: it has none.
 */
#define HOLDS_OTHERS (~0ULL)     /* one that the unsigned may not have, as far as is known */
#define HOLDS_OWN    (~0ULL - 1) /* made by the unsigned, who share what they make */

struct holder {
	__u64 holds;  /* HOLDS_*, or the policy that grants all to the unsigned; 0: not known */
	__u64 shares; /* 1: shares its table with its parent, which is another process */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct holder);
} holders SEC(".maps");

#define BS_STRING_SIZE 1024 /* bytes of a string given to execve that are looked at */

/* Scratch of one verification; task storage, since a sleepable program can be preempted. */
struct verification {
	struct bs_signed_claim signed_claim;
	struct facts facts;             /* of a file that is read or mapped */
	struct measurement measured;    /* of the same */
	struct measurement below;       /* of the file below an overlay's, as the kernel gives it */
	char asked[BS_PATH_SIZE];       /* the name that the task asked for, NUL padded */
	__u64 is_cut;                   /* 1: it is longer */
	char last[BS_NAME_SIZE];        /* the last part of it */
	char opened[BS_PATH_SIZE];      /* the path that it led to, as d_path leaves it */
	char variable[BS_STRING_SIZE];  /* of the environment; a name given to execve */
	char directory[BS_CGROUP_NAME]; /* on the way to a cgroup, NUL padded */
	struct bs_pod pod;              /* the task's */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct verification);
} verifications SEC(".maps");

/* Written by the control program for itself, answered here. Missing: no order. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct bs_order);
} orders SEC(".maps");

/*
 * Facts kept with an fs-verity inode, or with an overlay's. Written here; missing, or without
 * verified_ns: not verified yet. Dropped when the xattr changes (on an overlay, when that of any
 * sealed file does), and not used beyond FACTS_AGE_NS, so that an expired key stops.
 */
#define FACTS_AGE_NS        (600ULL * 1000000000)
#define FACTS_BEING_WRITTEN 1

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct facts);
} claims SEC(".maps");

/*
 * Inodes on which fs-verity was enabled since the start: their pages cached before are
 * never verified (fs/verity/enable.c), so they count as unsigned until they were opened with an
 * empty cache. Key: address of the struct inode. Missing: the inode was loaded with fs-verity.
 */
#define BS_TAINTS        65536
#define BS_TAINTS_A_USER (BS_TAINTS / 16)
#define BS_TAINTS_USERS  (BS_TAINTS / 4 * 3) /* of all users but root */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BS_TAINTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bs_taint);
} taints SEC(".maps");

/*
 * Entries of taints by the user who sealed the file, by uid; 0: by all but root. Written here.
 * Missing: none.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} taint_shares SEC(".maps");

/*
 * Files of overlays that entitled programs read: a copy-up would put others' bytes under their
 * descriptors. Missing: neither read nor copied up, in this life of the inode.
 */
struct held {
	__u64 read;   /* not 0: an entitled program has read it */
	__u64 copied; /* copy-ups that began */
};

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct held);
} holds SEC(".maps");

/*
 * Pipes and nameless memory that a verified process made, or shares. Written here. Missing: none of
 * its.
 */
struct shared {
	char name[BS_NAME_SIZE]; /* the process's */
	__u64 started_ns;        /* its mark's */
	__u64 process;           /* its tgid */
};

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct shared);
} shares SEC(".maps");

/*
 * A built-in signature that fs-verity is about to verify in this task. Missing: there was none
 * yet.
 */
struct pending {
	__u64 signature; /* its address, which the kernel shows again when it was right */
	__u8 digest[BS_DIGEST_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pending);
} pendings SEC(".maps");

/*
 * Files whose built-in signature the kernel has verified, with the digest that it was for. Missing:
 * it has none, or has been in memory since before the start.
 */
struct built_in {
	__u8 digest[BS_DIGEST_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct built_in);
} built_ins SEC(".maps");

/* For digests of which only the presence matters: every CPU may write, none reads. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct measurement);
} discarded SEC(".maps");

/*
 * The owner of a map, program or link. Key: address of the struct bpf_map, bpf_prog_aux (the
 * verifier may move a bpf_prog, its aux stays) or bpf_link; for a program that was loaded also of
 * the bpf_prog, as an alias. Missing: made before the start. Written here, read by watchbpf list.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bs_owner);
} owners SEC(".maps");

/* The key in owners of a link, by its id, which the kernel hands out in a circle of 2^31. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} links SEC(".maps");

/* Scratch of one judgement of a program, map or attach; task storage like verifications. */
struct judgement {
	struct bs_footprint footprint;
	struct bs_map_facts map;
	struct bs_verdict verdict; /* of a load: kept from before the verifier until after it */
	__u32 trivial;             /* 1: the load is a probe of libbpf's */
	char name[BS_MAP_NAME];    /* of the object that is asked for */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct judgement);
} judgements SEC(".maps");
