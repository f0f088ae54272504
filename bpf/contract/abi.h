/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The contract between user space and the kernel side: the signed claim, the
 * values of the maps and the event record. Both sides include it, as they do abi_policy.h, which it
 * includes at its end, and rules.h. Fixed-size types only, explicit padding, native byte order
 * unless the margin says otherwise; sizes and offsets are asserted below.
 */

#include <linux/types.h>

#define BS_ABI_VERSION 5

#define BS_NAME_SIZE    64  /* program and signer names: [a-z0-9._-]{1,63}, NUL padded */
#define BS_DIGEST_SIZE  32  /* bytes of a SHA-256 fs-verity digest, the only kind accepted */
#define BS_PATH_SIZE    256 /* bytes of a path in a record or in `exec:`, with its NUL */
#define BS_EXEC_PATHS   4   /* at most this many paths in one program's `exec:` */
#define BS_OBJECT_SIZE  128 /* name of a BPF object (15 bytes) or path of a pin, NUL padded */
#define BS_NONCE_SIZE   32  /* random bytes that name one start of the enforcement */
#define BS_MAP_NAME     16  /* BPF_OBJ_NAME_LEN: name of a map, program or link, NUL padded */
#define BS_TARGET_SIZE  64  /* what a program attaches to ("tcp_connect"), NUL padded */
#define BS_RULES        16  /* at most this many rules in one `attach:`, `maps:` or `programs:` */
#define BS_FILE_SIZE    128 /* bytes of a path in `unsigned-files:` or `collateral:`, with its NUL */
#define BS_FILE_RULES   40  /* at most this many rules about files in one entry */
#define BS_SIGNERS      4   /* at most this many `file-signers:` in one entry */
#define BS_DIGESTS      16  /* at most this many `digests:` in one entry */
#define BS_PODS         8   /* at most this many `pods:` in one entry */
#define BS_POD_NAME     128 /* bytes of a pod's name, NUL padded; of a longer one the first */
#define BS_CGROUP_DEPTH 8   /* at most this many directories in `cgroup:` */
#define BS_CGROUP_NAME  128 /* bytes of the name of one, with its NUL */
#define BS_HASH_SIZE    64  /* bytes of the largest hash that the kernel knows, SHA-512 */
#define BS_OWN_OBJECTS  64  /* at most this many maps, programs or links of our own */

#define BS_HELPER_WORDS 4 /* 64 helpers each; the kernel has 212 and takes no new ones */
#define BS_KFUNC_WORDS  8 /* 64 kfuncs each, by their index in struct bs_kfuncs */

/* FS_VERITY_HASH_ALG_SHA256 of <linux/fsverity.h>, which the BPF side does not include. */
#define BS_DIGEST_SHA256 1

/* --- the claim: "these bytes are NAME, in this ROLE, at this SEQUENCE" ---------------------- */

#define BS_CLAIM_MAGIC    "bpfsign claim v1" /* 16 bytes, without the NUL */
#define BS_CLAIM_XATTR    "user.bpfsign"     /* value: struct bs_claim, then the DER of the CMS */
#define BS_SIGNATURE_SIZE 2048               /* bytes; RSA-4096 needs about 800 */

enum bs_role {
	BS_ROLE_NONE = 0,
	BS_ROLE_EXECUTABLE = 1,
	BS_ROLE_LIBRARY = 2,
	BS_ROLE_COLLATERAL = 3,
	BS_ROLE_POLICY = 4,
	BS_ROLE_ORDER = 5,
	BS_ROLE_END,
};

/*
 * What is signed, all integers little endian. For a file, digest holds the
 * fs-verity digest and digest_algorithm and digest_size describe it. For an
 * order, name is the verb, sequence the counter, digest_algorithm 0,
 * digest_size 64, and digest is the SHA-256 of the argument (zeroes without
 * one) followed by the nonce of the start it is meant for.
 */
struct bs_claim {
	char magic[16];
	__u8 role;             /* enum bs_role */
	__u8 digest_algorithm; /* FS_VERITY_HASH_ALG_*, 0 for an order */
	__u8 digest_size[2];   /* le16, bytes */
	__u8 reserved[4];      /* zero */
	__u8 sequence[8];      /* le64 */
	char name[BS_NAME_SIZE];
	__u8 digest[64]; /* digest_size bytes, then zeroes */
};

_Static_assert(sizeof(struct bs_claim) == 160, "the claim is 160 bytes");
_Static_assert(__builtin_offsetof(struct bs_claim, sequence) == 24, "sequence at 24");
_Static_assert(__builtin_offsetof(struct bs_claim, digest) == 96, "digest at 96");

/* A claim with its signature, as it stands in the xattr and in an order file. */
struct bs_signed_claim {
	struct bs_claim claim;
	__u8 signature[BS_SIGNATURE_SIZE]; /* DER of a detached CMS SignedData over claim */
};

/* --- modes ---------------------------------------------------------------------------------- */

enum bs_mode {
	BS_MODE_STARTING = 0, /* attached, not yet active: nothing is denied or recorded */
	BS_MODE_ENFORCE = 1,
	BS_MODE_OBSERVE = 2, /* decide and record, deny nothing */
	BS_MODE_OFF = 3,     /* an order stopped us: neither decide nor record */
};

/* Where did it begin? */
enum bs_initrd {
	BS_INITRD_NONE = 0, /* in a running system */
	BS_INITRD_HERE = 1, /* in an initrd that PID 1 has not left yet */
	BS_INITRD_LEFT = 2, /* in an initrd, and PID 1 is the real system's since */
};

/* Can a file on overlayfs be verified? */
enum bs_overlay {
	/* overlay.ko was not loaded when it began, or is none that we know */
	BS_OVERLAY_NONE = 0,
	BS_OVERLAY_READ = 1,    /* by the digest that we read from the kernel's memory */
	BS_OVERLAY_CHECKED = 2, /* and the kernel itself says the same when the file is mapped */
};

/* --- state: written by the BPF side only (BPF_F_RDONLY), one element ------------------------ */

struct bs_state {
	__u32 mode;             /* enum bs_mode */
	__u32 trust_generation; /* moves when an order changes who is trusted */
	__u64 order_counter;    /* of the last order accepted */
	__u64 lost_records;     /* records that found the ring full */
	__u64 lost_alarms;      /* the same for the ring of attacks on ourselves */
	__u64 tainted;          /* inodes now in the map of taints */
	__u64 owned;            /* maps and programs now in the map of owners */
	/*
	 * the process that reads the rings: its id in the initial namespace, and in the upper half
	 * which reader it is since the start, from 1 on. 0: none yet. It may have ended, see
	 * BS_COMMAND_READER
	 */
	__u64 reader;
	/* 1: a hook of ours went without an order; nobody uses bpf() any more */
	__u32 broken;
	/* foreign LSM, fmod_ret and freplace programs accepted at the start */
	__u32 adopted;
	__u32 keyring_seal; /* 1: no order but `unseal` changes the signers' keyrings */
	/* enum bs_reason: OK when IMA's keyring is known and guarded; at the last look */
	__u32 ima;
	__u8 nonce[BS_NONCE_SIZE]; /* of this start: what orders must name */
	__u32 initrd;              /* enum bs_initrd */
	__u32 overlay;             /* enum bs_overlay */
	/*
	 * moves when the attributes of a sealed file do: what is verified on an overlay is
	 * verified again
	 */
	__u32 claim_changes;
	__u32 perf_events;    /* 1: perf_event_open(2) was called since the start */
	__u32 stocked;        /* 1: INVENTORY was answered with -ECANCELED */
	__u32 hooks;          /* programs that were in place when it began */
	__u32 contradictions; /* decisions on what was not whole; counted in tests only */
	__u32 suppressed;     /* records of who had too many in a second; wraps around */
	__u64 taint_number;   /* of the next taint */
};

/* Written before the load, a constant from then on. */
struct bs_addresses {
#define ADDRESS(name, needed) __u64 name;
#include "bpf/contract/addresses.def"
#undef ADDRESS
};

/*
 * bpf() commands that no kernel has, answered by lsm/bpf:
 *   ALIVE         -ECANCELED while we decide, -EALREADY when attached but not begun or stopped,
 *                 -EPERM when some of our programs are gone
 *   ACTIVATE      by the starter, when it has taken stock: ends BS_MODE_STARTING, and answers like
 *                 ALIVE; -ENOLINK while a hook is missing; -EALREADY to everybody else
 *   CONTROL       -ECANCELED when the caller is the control program, in BS_MODE_STARTING too
 *   KEYRING_SEAL  -ECANCELED when the control program closed the signers' keyrings to all orders
 *                 but `unseal`; -EPERM without CAP_SYS_ADMIN
 *   INVENTORY     by the starter, in BS_MODE_STARTING: -ECANCELED when all sealed files in memory
 *                 are tainted, -ENOMEM when not all could be, -EAGAIN while a task seals a file in
 *                 a call that may have begun before us, -EBUSY while another task than the keeper
 *                 of the pins is in its mount namespace
 *   SETTLED       the same: the taint of the file behind the descriptor in attr's first __u32 ends
 *   READ          -ECANCELED when the calling process, a control program, is the reader from now on
 *                 or was it already; -EBUSY while another process is; -EPERM without CAP_SYS_ADMIN.
 *                 The reader alone obtains the rings, and the pods for writing. The place is free
 *                 again when its last thread exits, or when it executes another file
 *   READER        -ECANCELED while the process of bs_state.reader has the place, else -EALREADY
 */
#define BS_COMMAND_ALIVE        0x42505343
#define BS_COMMAND_ACTIVATE     0x42505344
#define BS_COMMAND_CONTROL      0x42505345
#define BS_COMMAND_KEYRING_SEAL 0x42505346
#define BS_COMMAND_INVENTORY    0x42505347
#define BS_COMMAND_SETTLED      0x42505348
#define BS_COMMAND_READ         0x42505349
#define BS_COMMAND_READER       0x4250534a

/* --- keyrings: what must not change, by serial ---------------------------------------------- */

enum bs_guard {
	BS_GUARD_SIGNER = 0, /* searched for us only, when we verify */
	BS_GUARD_KERNEL = 1, /* IMA's or fs-verity's: the kernel itself searches there */
};

struct bs_guarded {
	__u64 address; /* of the struct key, seen when it was first asked for; 0: not yet */
	__u32 kind;    /* enum bs_guard */
	__u32 _pad;
};

/* --- orders: submitted in task storage by the control process ------------------------------- */

enum bs_order_status {
	BS_ORDER_NONE = 0,
	BS_ORDER_SUBMITTED = 1, /* set by user space with the order */
	BS_ORDER_ANSWERED = 2,  /* set by the BPF side; reason says which answer */
	BS_ORDER_DONE = 3,      /* set by user space: the keyrings are changed */
};

struct bs_order {
	__u32 status; /* enum bs_order_status */
	__u32 reason; /* enum bs_reason; BS_REASON_OK: accepted and carried out */
	__u32 size;   /* bytes of signed_claim that are used */
	__u32 _pad;
	struct bs_signed_claim signed_claim;
};

/* --- the highest sequence ever verified, for `min-sequence: latest` ------------------------- */

struct bs_sequence_key {
	char name[BS_NAME_SIZE];
	char signer[BS_NAME_SIZE];
};

/* --- owners: who made a map, program or link ------------------------------------------------ */

enum bs_kind {
	BS_KIND_ALIAS = 0, /* a second key of a program */
	BS_KIND_MAP = 1,
	BS_KIND_PROGRAM = 2,
	BS_KIND_LINK = 3,
};

#define BS_OWNER_BEFORE "before-enforcement" /* who made what is older than the start */

struct bs_owner {
	char name[BS_NAME_SIZE];   /* the mark's, or BS_OWNER_BEFORE; empty: an unsigned task */
	char signer[BS_NAME_SIZE]; /* the mark's; empty: an unsigned task */
	__u32 kind;                /* enum bs_kind */
	__u32 id;                  /* 0: not obtained by anybody yet, nor fully judged */
	__u32 type;                /* of the map, program or link */
	__u32 line;                /* of the rule in the policy file that admitted it */
	char object[BS_MAP_NAME];  /* its own name; of a link, its program's */
};

_Static_assert(sizeof(struct bs_owner) == 160, "bs_owner has no padding");

/* --- taints: sealed files whose cached pages may be from before, by the inode's address ----- */

#define BS_TAINT_UNCLEAN (1ULL << 63)

struct bs_taint {
	/*
	 * BS_TAINT_UNCLEAN and its number, which no other taint has had; since the first open with
	 * an empty cache the CLOCK_BOOTTIME of that, in nanoseconds
	 */
	__u64 state;
	/* its number, generation and device; 0: sealed under our eyes, nobody needs them */
	__u64 inode;
	__u32 generation;
	__u32 device; /* dev_t: major << 20 | minor */
	__u32 uid; /* of the user who sealed it, and has so many places; 0: root's, not counted */
	__u32 _pad;
};

/* --- pods: which cgroup is whose ------------------------------------------------------------ */

/*
 * A pod, by its cgroup's id; what is below that cgroup is in the pod too. Written by watchbpf as
 * pods come and go.
 */
struct bs_pod {
	char space[BS_NAME_SIZE]; /* its namespace, NUL padded */
	char name[BS_POD_NAME];   /* NUL padded; of a longer one the first bytes, without a NUL */
};

/* --- records: one for each decision about acquiring ----------------------------------------- */

enum bs_reason {
#define REASON(id, word, sentence, cure) BS_REASON_##id,
#include "bpf/contract/reasons.def"
#undef REASON
	BS_REASON_END,
};

enum bs_op {
#define OP(id, word, doc) BS_OP_##id,
#include "bpf/contract/ops.def"
#undef OP
	BS_OP_END,
};

enum bs_action {
	BS_ACTION_APPROVED = 1,
	BS_ACTION_DENIED = 2,
};

/* bs_record.detail of a reason about a function: a helper's id, or one of these and a number. */
#define BS_DETAIL_KFUNC   0x80000000U /* the index of a kfunc in bs_kfuncs */
#define BS_DETAIL_BTF_ID  0x40000000U /* the BTF id of a kfunc that is not there */
#define BS_DETAIL_CONTEXT 0xc0000001U /* no function: the context of the program type */
#define BS_DETAIL_ADDRESS 0xc0000002U /* no function: the address of a kernel variable */

enum bs_record_flag {
	BS_RECORD_MARKED = 1 << 0,    /* the task wears a mark: program and signer are set */
	BS_RECORD_LOADS = 1 << 1,     /* exec: may load programs (ProgApproved) */
	BS_RECORD_MAPS = 1 << 2,      /* exec: may use some foreign map (MapsApproved) */
	BS_RECORD_PROG_TYPE = 1 << 3, /* type is an enum bpf_prog_type */
	BS_RECORD_MAP_TYPE = 1 << 4,  /* type is an enum bpf_map_type */
	BS_RECORD_OBSERVED = 1 << 5,  /* denied in words only: --observe */
	BS_RECORD_ALARM = 1 << 6,     /* an attack on ourselves: from the ring of its own */
	BS_RECORD_PATH_CUT = 1 << 7,  /* path did not fit or could not be read */
	BS_RECORD_PIN = 1 << 8,       /* object is the path of a pin */
	/* object is the path of a file; empty: no file, only memory */
	BS_RECORD_FILE = 1 << 9,
};

/* IMA's hash of an executable, of an entry with `measure: true`. */
struct bs_hash {
	__u32 algorithm; /* enum hash_algo of <linux/hash_info.h> */
	__u32 kind;      /* enum bs_hash_kind */
	__u8 bytes[BS_HASH_SIZE];
};

enum bs_hash_kind {
	BS_HASH_NONE = 0,
	BS_HASH_CONTENT = 1, /* of the file's bytes */
	BS_HASH_VERITY = 2,  /* its fs-verity digest: what IMA takes under `digest_type=verity` */
	BS_HASH_END,
};

struct bs_record {
	__u32 version; /* BS_ABI_VERSION */
	__u32 size;    /* sizeof(struct bs_record) */
	__u64 time_ns; /* CLOCK_BOOTTIME, nanoseconds */
	__u64 cgroup;  /* id of the cgroup in the v2 hierarchy */
	__u32 pid;     /* of the thread, in the initial namespace */
	__u32 tgid;    /* of the process */
	__u32 ppid;
	__u32 uid;    /* in the initial user namespace */
	__u32 op;     /* enum bs_op */
	__u32 action; /* enum bs_action */
	__u32 reason; /* enum bs_reason */
	__u32 flags;  /* enum bs_record_flag */
	__u32 type;   /* of the program or map, by the flags */
	__u32 id;     /* of the BPF object, 0 where it has none yet */
	__u32 line;   /* of the rule in the policy file that decided, 0: none */
	__u32 detail; /* what the rule is about, by reason: BS_DETAIL_* or a helper's id */
	char comm[16];
	char program[BS_NAME_SIZE];  /* the mark's */
	char signer[BS_NAME_SIZE];   /* the mark's */
	char object[BS_OBJECT_SIZE]; /* name of the BPF object, pin or file */
	char owner[BS_NAME_SIZE];    /* of the BPF object; empty: unknown or unsigned */
	char path[BS_PATH_SIZE];     /* of the executable */
	struct bs_hash measured;     /* exec: the executable */
	struct bs_pod pod;           /* that the task is in; empty: in none that is known */
};

_Static_assert(sizeof(struct bs_record) == 72 + 16 + 3 * 64 + 128 + 256 + 72 + 192,
	"bs_record has no padding");

#include "bpf/contract/abi_policy.h" /* IWYU pragma: export */
