/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The contract between user space and the kernel side: the signed claim, the
 * values of the maps and the event record. This is the only header that both
 * sides include. Fixed-size types only, explicit padding, native byte order
 * unless the margin says otherwise; sizes and offsets are asserted below.
 */

#include <linux/types.h>

#define BS_ABI_VERSION 3

#define BS_NAME_SIZE   64  /* program and signer names: [a-z0-9._-]{1,63}, NUL padded */
#define BS_DIGEST_SIZE 32  /* bytes of a SHA-256 fs-verity digest, the only kind accepted */
#define BS_PATH_SIZE   256 /* bytes of a path in a record or in `exec:`, with its NUL */
#define BS_EXEC_PATHS  4   /* at most this many paths in one program's `exec:` */
#define BS_OBJECT_SIZE 128 /* name of a BPF object (15 bytes) or path of a pin, NUL padded */
#define BS_NONCE_SIZE  32  /* random bytes that name one start of the enforcement */
#define BS_MAP_NAME    16  /* BPF_OBJ_NAME_LEN: name of a map, program or link, NUL padded */
#define BS_TARGET_SIZE 64  /* what a program attaches to ("tcp_connect"), NUL padded */
#define BS_RULES       16  /* at most this many rules in one `attach:`, `maps:` or `programs:` */
#define BS_FILE_SIZE   128 /* bytes of a path in `unsigned-files:` or `collateral:`, with its NUL */
#define BS_FILE_RULES  40  /* at most this many rules about files in one entry */
#define BS_SIGNERS     4   /* at most this many `file-signers:` in one entry */

#define BS_HELPER_WORDS 4 /* 64 helpers each; the kernel has 212 and takes no new ones */
#define BS_KFUNC_WORDS	8 /* 64 kfuncs each, by their place in struct bs_kfuncs */

/* FS_VERITY_HASH_ALG_SHA256 of <linux/fsverity.h>, which the BPF side does not include. */
#define BS_DIGEST_SHA256 1

/* --- the claim: "these bytes are NAME, in this ROLE, at this SEQUENCE" ------------- */

#define BS_CLAIM_MAGIC	  "bpfsign claim v1" /* 16 bytes, without the NUL */
#define BS_CLAIM_XATTR	  "user.bpfsign"     /* value: struct bs_claim, then the DER of the CMS */
#define BS_SIGNATURE_SIZE 2048		     /* bytes; RSA-4096 needs about 800 */

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
	__u8 role;	       /* enum bs_role */
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

/* --- the policy: a hash map, frozen before it is published ------------------------- */

/* A program's name. `unsigned:` has 64 zero bytes, the table of kfuncs BS_KFUNCS_KEY. */
struct bs_program_key {
	char name[BS_NAME_SIZE];
};
#define BS_KFUNCS_KEY "!kfuncs" /* no program can be called so */

/*
 * A text with an optional '*' at its end, as bytes and the mask of those that count: TEXT
 * matches when (TEXT ^ bytes) & mask is zero. Both sides are NUL padded, so an exact pattern
 * has a mask of all ones, "tcp_*" one of four bytes, and "*" of none.
 */
struct bs_pattern {
	char bytes[64];
	__u8 mask[64];
};

enum bs_program_flag {
	BS_PROGRAM_CONTROL = 1 << 0,	 /* watchbpf or bpfsign: may obtain our own objects */
	BS_PROGRAM_LOADS = 1 << 1,	 /* has a `load:` */
	BS_PROGRAM_LATEST = 1 << 2,	 /* `min-sequence: latest` */
	BS_PROGRAM_MAPS = 1 << 3,	 /* `maps:` grants any foreign map */
	BS_PROGRAM_READ_ONLY = 1 << 4,	 /* `maps:` grants one `ro`: see rules.h */
	BS_PROGRAM_COMPATIBLE = 1 << 5,	 /* `maps-compat: true` */
	BS_PROGRAM_UNPINNED = 1 << 6,	 /* `map-writes` or `map-reads` is `unpinned`: no OBJ_PIN */
	BS_PROGRAM_SIGNED = 1 << 7,	 /* `signed-programs: true` */
	BS_PROGRAM_TRACEPOINTS = 1 << 8, /* `attach:` names single tracepoints */
};

/* A number of the policy and the line it stands in; line 0: the default. */
struct bs_value {
	__u32 value;
	__u32 line;
};

/* `map-writes:`, `map-reads:`. The order is that of the grants: each includes those before. */
enum bs_scope {
	BS_SCOPE_NONE = 0,
	BS_SCOPE_UNPINNED = 1, /* maps that this entry made, which it may not pin */
	BS_SCOPE_OWN = 2,      /* maps that this entry made, and those that `maps:` grants */
	BS_SCOPE_ANY = 3,      /* every map but those that `maps:` names otherwise, and our own */
};

/* `maps:` and `programs:`. */
enum bs_access {
	BS_ACCESS_NONE = 0,
	BS_ACCESS_READ = 1,  /* `ro`; for programs `use` */
	BS_ACCESS_WRITE = 2, /* `rw`; for programs `replace`, which links need too */
};

/* A line of `maps:` or `programs:`. The first that matches counts. */
struct bs_object_rule {
	struct bs_pattern owner; /* a program's name, "unsigned" or "unknown" */
	char name[BS_MAP_NAME];	 /* a pattern too, but of 16 bytes */
	__u8 name_mask[BS_MAP_NAME];
	__u32 access; /* enum bs_access */
	__u32 line;
};

/* A line of `attach:`. */
struct bs_attach_rule {
	struct bs_pattern target; /* a BTF function, "syscalls/sys_enter_open", an interface */
	__u32 type;		  /* enum bpf_prog_type, or BS_ANY */
	__u32 attach_type;	  /* enum bpf_attach_type, or BS_ANY */
	__u32 deny;		  /* 1: from `deny:` */
	__u32 line;
};
#define BS_ANY 0xffffffffU

/* What can make a helper or kfunc denied. */
enum bs_cause {
	BS_CAUSE_KERNEL_READS,
	BS_CAUSE_USER_READS,
	BS_CAUSE_USER_WRITES,
	BS_CAUSE_LISTS, /* `helpers:` and `kfuncs:` */
	BS_CAUSE_END,
};

struct bs_denied {
	__u64 helpers[BS_HELPER_WORDS]; /* bit n: enum bpf_func_id n */
	__u64 kfuncs[BS_KFUNC_WORDS];	/* bit n: bs_kfuncs.ids[n] */
	__u32 unnamed;			/* 1: kfuncs that are not in bs_kfuncs are denied */
	__u32 helpers_line;
	__u32 kfuncs_line;
	__u32 _pad;
};

/* `load:` of an entry. */
struct bs_load {
	__u64 types; /* bit n: programs of enum bpf_prog_type n may be loaded */
	__u32 types_line;
	__u32 signed_line;
	struct bs_value map_writes;	  /* enum bs_scope */
	struct bs_value map_reads;	  /* enum bs_scope */
	struct bs_value max_instructions; /* 0: no limit but the kernel's */
	struct bs_value max_maps;	  /* BS_ANY: no limit but the kernel's */
	struct bs_denied denied[BS_CAUSE_END];
	struct bs_attach_rule attach[BS_RULES];
	__u32 n_attach; /* 0: any target */
	__u32 attach_line;
};

/* `collateral:`: which files that the program opens for reading must be signed. */
enum bs_collateral {
	BS_COLLATERAL_STRICT = 0, /* every file, but for the rules BS_FILE_UNSIGNED */
	BS_COLLATERAL_LISTED = 1, /* those of the rules BS_FILE_SIGNED */
	BS_COLLATERAL_OFF = 2,
};

/* `libraries:`: which files may be mapped as code. */
enum bs_libraries {
	BS_LIBRARIES_SIGNED = 0,
	BS_LIBRARIES_TRUSTED_PATHS = 1, /* also those of the rules BS_FILE_LIBRARY */
};

enum bs_file_kind {
	BS_FILE_UNSIGNED = 0, /* `unsigned-files:`, and a few that every program reads */
	BS_FILE_SIGNED = 1,   /* a path of `collateral: [...]` */
	BS_FILE_LIBRARY = 2,  /* libraries here need no signature: `libraries: trusted-paths` */
};

/* A line of `unsigned-files:` or `collateral:`: a pattern like bs_pattern, of an absolute path. */
struct bs_file_rule {
	char bytes[BS_FILE_SIZE];
	__u8 mask[BS_FILE_SIZE];
	__u32 kind; /* enum bs_file_kind */
	__u32 line; /* 0: built in */
};

/* What may be read and executed inside the program. All zero: everything must be signed. */
struct bs_files {
	struct bs_value collateral;	/* enum bs_collateral */
	struct bs_value libraries;	/* enum bs_libraries */
	struct bs_value jit;		/* 1: memory may be written and executed */
	__u32 n;			/* of rules */
	__u32 n_signers;		/* of rings */
	__s32 rings[BS_SIGNERS];	/* `file-signers:`: their keyrings, beside the entry's own */
	struct bs_file_rule rules[BS_FILE_RULES];
};

/* What one entry of the policy grants. A missing entry grants nothing. */
struct bs_program {
	__s32 ring;	    /* serial of the signer's keyring, > 0; 0 in the entry `unsigned` */
	__u32 flags;	    /* enum bs_program_flag */
	__u64 min_sequence; /* claims below are refused */
	__u32 n_paths;	    /* 0: any path */
	__u32 line;	    /* of the entry in the policy file, for people */
	__u32 n_maps;
	__u32 n_programs;
	char signer[BS_NAME_SIZE];
	char paths[BS_EXEC_PATHS][BS_PATH_SIZE];
	struct bs_load load;
	struct bs_object_rule maps[BS_RULES];
	struct bs_object_rule programs[BS_RULES];
	struct bs_files files;
};

/* BTF ids (of vmlinux) of the kfuncs that the policy or bpf/functions.def names, ascending. */
struct bs_kfuncs {
	__u32 n;
	__u32 _pad;
	__u32 ids[64 * BS_KFUNC_WORDS];
};

/* A value of the policy map. */
union bs_policy_value {
	struct bs_program program;
	struct bs_kfuncs kfuncs;
};

_Static_assert(sizeof(struct bs_object_rule) == 168, "bs_object_rule has no padding");
_Static_assert(sizeof(struct bs_attach_rule) == 144, "bs_attach_rule has no padding");
_Static_assert(sizeof(struct bs_denied) == 112, "bs_denied has no padding");
_Static_assert(sizeof(struct bs_load) == 48 + 4 * 112 + 16 * 144 + 8, "bs_load has no padding");
_Static_assert(sizeof(struct bs_files) == 48 + 40 * 264, "bs_files has no padding");
_Static_assert(sizeof(struct bs_program) ==
		       32 + 64 + 4 * 256 + sizeof(struct bs_load) + 32 * 168 + sizeof(struct bs_files),
	"bs_program has no padding");

/* --- modes ------------------------------------------------------------------------- */

enum bs_mode {
	BS_MODE_STARTING = 0, /* attached, not yet active: nothing is denied or recorded */
	BS_MODE_ENFORCE = 1,
	BS_MODE_OBSERVE = 2, /* decide and record, deny nothing */
	BS_MODE_OFF = 3,     /* an order stopped us: neither decide nor record */
};

/* --- state: written by the BPF side only (BPF_F_RDONLY), one element ---------------- */

struct bs_state {
	__u32 mode;		 /* enum bs_mode */
	__u32 trust_generation;	 /* moves when an order changes who is trusted */
	__u64 order_counter;	 /* of the last order accepted */
	__u64 lost_records;	 /* records that found the ring full */
	__u64 lost_alarms;	 /* the same for the ring of attacks on ourselves */
	__u64 tainted;		 /* inodes now in the map of taints */
	__u64 owned;		 /* maps and programs now in the map of owners */
	__u8 nonce[BS_NONCE_SIZE]; /* of this start: what orders must name */
};

/*
 * bpf() commands that no kernel has, answered by lsm/bpf. ALIVE is the canary: -ECANCELED while we
 * decide, -EALREADY when attached but not begun or stopped. ACTIVATE ends BS_MODE_STARTING, once,
 * and answers like ALIVE; anybody may call it, since it only tightens. CONTROL: -ECANCELED when the
 * caller is the control program, also in BS_MODE_STARTING.
 */
#define BS_COMMAND_ALIVE    0x42505343
#define BS_COMMAND_ACTIVATE 0x42505344
#define BS_COMMAND_CONTROL  0x42505345

/* --- orders: submitted in task storage by the control process ---------------------- */

enum bs_order_status {
	BS_ORDER_NONE = 0,
	BS_ORDER_SUBMITTED = 1, /* set by user space with the order */
	BS_ORDER_ANSWERED = 2,	/* set by the BPF side; reason says which answer */
	BS_ORDER_DONE = 3,	/* set by user space: the keyrings are changed */
};

struct bs_order {
	__u32 status; /* enum bs_order_status */
	__u32 reason; /* enum bs_reason; BS_REASON_OK: accepted and carried out */
	__u32 size;   /* bytes of signed_claim that are used */
	__u32 _pad;
	struct bs_signed_claim signed_claim;
};

/* --- the highest sequence ever verified, for `min-sequence: latest` ----------------- */

struct bs_sequence_key {
	char name[BS_NAME_SIZE];
	char signer[BS_NAME_SIZE];
};

/* --- owners: who made a map, program or link ---------------------------------------- */

enum bs_kind {
	BS_KIND_ALIAS = 0, /* a second key of a program */
	BS_KIND_MAP = 1,
	BS_KIND_PROGRAM = 2,
	BS_KIND_LINK = 3,
};

struct bs_owner {
	char name[BS_NAME_SIZE];   /* the mark's; empty: an unsigned task */
	char signer[BS_NAME_SIZE]; /* the mark's; empty: an unsigned task */
	__u32 kind;		   /* enum bs_kind */
	__u32 id;		   /* 0: not obtained by anybody yet, nor fully judged */
	__u32 type;		   /* of the map, program or link */
	__u32 line;		   /* of the rule in the policy file that admitted it */
	char object[BS_MAP_NAME];  /* its own name; of a link, its program's */
};

_Static_assert(sizeof(struct bs_owner) == 160, "bs_owner has no padding");

/* --- records: one for each decision about acquiring -------------------------------- */

enum bs_reason {
#define REASON(id, word, sentence, cure) BS_REASON_##id,
#include "reasons.def"
#undef REASON
	BS_REASON_END,
};

enum bs_op {
#define OP(id, word, doc) BS_OP_##id,
#include "ops.def"
#undef OP
	BS_OP_END,
};

enum bs_action {
	BS_ACTION_APPROVED = 1,
	BS_ACTION_DENIED = 2,
};

/* bs_record.detail of a reason about a function: a helper's id, or one of these and a number. */
#define BS_DETAIL_KFUNC	  0x80000000U /* the place of a kfunc in bs_kfuncs */
#define BS_DETAIL_BTF_ID  0x40000000U /* the BTF id of a kfunc that is not there */
#define BS_DETAIL_CONTEXT 0xc0000001U /* no function: the context of the program type */
#define BS_DETAIL_ADDRESS 0xc0000002U /* no function: the address of a kernel variable */

enum bs_record_flag {
	BS_RECORD_MARKED = 1 << 0,	/* the task wears a mark: program and signer are set */
	BS_RECORD_LOADS = 1 << 1,	/* exec: may load programs (ProgApproved) */
	BS_RECORD_MAPS = 1 << 2,	/* exec: may use some foreign map (MapsApproved) */
	BS_RECORD_PROG_TYPE = 1 << 3,	/* type is an enum bpf_prog_type */
	BS_RECORD_MAP_TYPE = 1 << 4,	/* type is an enum bpf_map_type */
	BS_RECORD_OBSERVED = 1 << 5,	/* denied in words only: --observe */
	BS_RECORD_ALARM = 1 << 6,	/* an attack on ourselves: from the ring of its own */
	BS_RECORD_PATH_CUT = 1 << 7,	/* path did not fit or could not be read */
	BS_RECORD_PIN = 1 << 8,		/* object is the path of a pin */
	BS_RECORD_FILE = 1 << 9,	/* object is the path of a file; empty: no file, only memory */
};

struct bs_record {
	__u32 version; /* BS_ABI_VERSION */
	__u32 size;    /* sizeof(struct bs_record) */
	__u64 time_ns; /* CLOCK_BOOTTIME, nanoseconds */
	__u64 cgroup;  /* id of the cgroup in the v2 hierarchy */
	__u32 pid;     /* of the thread, in the initial namespace */
	__u32 tgid;    /* of the process */
	__u32 ppid;
	__u32 uid; /* in the initial user namespace */
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
};

_Static_assert(sizeof(struct bs_record) == 72 + 16 + 3 * 64 + 128 + 256, "bs_record has no padding");
