/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The part of the contract of abi.h that is the policy: the values of the map that holds it. */

#include "bpf/contract/abi.h"

/* --- the policy: a hash map, frozen before it is published ---------------------------------- */

/*
 * A program's name. `unsigned:` has 64 zero bytes, the table of kfuncs BS_KFUNCS_KEY, `kernel:`
 * BS_KERNEL_KEY, an item of `digests:` BS_DIGEST_KEY and the 32 bytes.
 */
struct bs_program_key {
	char name[BS_NAME_SIZE];
};
#define BS_KFUNCS_KEY "!kfuncs" /* no program can be called so */
#define BS_KERNEL_KEY "!kernel"
#define BS_DIGEST_KEY "!sha256:"

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
	BS_PROGRAM_CONTROL = 1 << 0,    /* watchbpf or bpfsign: may obtain our own objects */
	BS_PROGRAM_LOADS = 1 << 1,      /* has a `load:` */
	BS_PROGRAM_LATEST = 1 << 2,     /* `min-sequence: latest` */
	BS_PROGRAM_MAPS = 1 << 3,       /* `maps:` grants any foreign map */
	BS_PROGRAM_READ_ONLY = 1 << 4,  /* `maps:` grants one `ro`: see rules.h */
	BS_PROGRAM_COMPATIBLE = 1 << 5, /* `maps-compat: true` */
	/* `map-writes` or `map-reads` is `unpinned`: no OBJ_PIN */
	BS_PROGRAM_UNPINNED = 1 << 6,
	BS_PROGRAM_SIGNED = 1 << 7,         /* `signed-programs: true` */
	BS_PROGRAM_TRACEPOINTS = 1 << 8,    /* `attach:` names single tracepoints */
	BS_PROGRAM_IMA = 1 << 9,            /* `require: [ima]` */
	BS_PROGRAM_BUILTIN = 1 << 10,       /* `require: [builtin]` */
	BS_PROGRAM_MEASURE = 1 << 11,       /* `measure: true` */
	BS_PROGRAM_PLACED = 1 << 12,        /* has `pods:` or `cgroup:` */
	BS_PROGRAM_ANY_NAMESPACE = 1 << 13, /* `user-namespace: any` */
	BS_PROGRAM_OPTIONS = 1 << 14,       /* `options: allow` */
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
	struct bs_pattern owner; /* a program's name, "unsigned" or BS_OWNER_BEFORE */
	char name[BS_MAP_NAME];  /* a pattern too, but of 16 bytes */
	__u8 name_mask[BS_MAP_NAME];
	__u32 access; /* enum bs_access */
	__u32 line;
};

/* A line of `attach:`. */
struct bs_attach_rule {
	struct bs_pattern target; /* a BTF function, "syscalls/sys_enter_open", an interface */
	__u32 type;               /* enum bpf_prog_type, or BS_ANY */
	__u32 attach_type;        /* enum bpf_attach_type, or BS_ANY */
	__u32 deny;               /* 1: from `deny:` */
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
	__u64 kfuncs[BS_KFUNC_WORDS];   /* bit n: bs_kfuncs.ids[n] */
	__u32 unnamed;                  /* 1: kfuncs that are not in bs_kfuncs are denied */
	__u32 helpers_line;
	__u32 kfuncs_line;
	__u32 _pad;
};

/* `load:` of an entry. */
struct bs_load {
	__u64 types; /* bit n: programs of enum bpf_prog_type n may be loaded */
	__u32 types_line;
	__u32 signed_line;
	struct bs_value map_writes;       /* enum bs_scope */
	struct bs_value map_reads;        /* enum bs_scope */
	struct bs_value max_instructions; /* 0: no limit but the kernel's */
	struct bs_value max_maps;         /* BS_ANY: no limit but the kernel's */
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
	/* as SIGNED; another one is mapped, and the program's rights are gone */
	BS_LIBRARIES_REVOKE = 2,
};

enum bs_file_kind {
	BS_FILE_UNSIGNED = 0, /* `unsigned-files:` */
	BS_FILE_SIGNED = 1,   /* a path of `collateral: [...]` */
	BS_FILE_LIBRARY = 2,  /* libraries here need no signature: `libraries: trusted-paths` */
	BS_FILE_QUIET = 3,    /* what every program asks for and does without: no line */
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
	struct bs_value collateral; /* enum bs_collateral */
	struct bs_value libraries;  /* enum bs_libraries */
	struct bs_value jit;        /* 1: memory may be written and executed */
	__u32 n;                    /* of rules */
	__u32 n_signers;            /* of rings */
	/* `file-signers:`: their keyrings, beside the entry's own */
	__s32 rings[BS_SIGNERS];
	struct bs_file_rule rules[BS_FILE_RULES];
};

/* An item of `pods:`: NAMESPACE/NAME, each a pattern like bs_pattern. */
struct bs_pod_rule {
	struct bs_pattern space;
	char name[BS_POD_NAME];
	__u8 name_mask[BS_POD_NAME];
};

/* The name of one directory on the way to a cgroup, a pattern of its own. */
struct bs_cgroup_rule {
	char name[BS_CGROUP_NAME];
	__u8 mask[BS_CGROUP_NAME];
};

/*
 * `pods:` and `cgroup:`: where the program must run. Without either, anywhere; with both, both
 * hold.
 */
struct bs_place {
	__u32 n_pods;
	__u32 pods_line;
	__u32 depth; /* of the cgroup below the root, which itself cannot be named; 0: not given */
	__u32 cgroup_line;
	struct bs_pod_rule pods[BS_PODS];
	/* from the root down: what is below is in it too */
	struct bs_cgroup_rule cgroup[BS_CGROUP_DEPTH];
};

/* What the kernel asks about before it is changed or read from outside. */
enum bs_lockdown {
#define LOCKDOWN(id, word, level, doc) BS_LOCKDOWN_##id,
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
	BS_LOCKDOWN_END,
};

/* `kernel: {lockdown: …}`: which of these are refused. */
enum bs_level {
	BS_LEVEL_OFF = 0,
	BS_LEVEL_INTEGRITY = 1,
	BS_LEVEL_CONFIDENTIALITY = 2,
};

/* `kernel:` of the policy, with what `unsigned:` has taken from it. */
struct bs_kernel {
	__u64 denied; /* bit n: enum bs_lockdown n is refused to entries without it */
	__u32 line;   /* of `lockdown:`, 0: the default */
	__u32 _pad;
};

/* What one entry of the policy grants. A missing entry grants nothing. */
struct bs_program {
	__s32 ring;         /* serial of the signer's keyring, > 0; 0: `unsigned`, or `digests:` */
	__u32 flags;        /* enum bs_program_flag */
	__u64 min_sequence; /* claims below are refused */
	__u64 kernel;       /* `kernel:`: bit n: enum bs_lockdown n is not refused */
	__u32 n_paths;      /* 0: any path */
	__u32 line;         /* of the entry in the policy file, for people */
	__u32 n_maps;
	__u32 n_programs;
	char signer[BS_NAME_SIZE];
	char paths[BS_EXEC_PATHS][BS_PATH_SIZE];
	struct bs_load load;
	struct bs_object_rule maps[BS_RULES];
	struct bs_object_rule programs[BS_RULES];
	struct bs_files files;
	struct bs_place place;
};

/*
 * BTF ids (of vmlinux) of the kfuncs that the policy or bpf/contract/functions.def names,
 * ascending.
 */
struct bs_kfuncs {
	__u32 n;
	__u32 _pad;
	__u32 ids[64 * BS_KFUNC_WORDS];
};

/* An item of `digests:`: whose these bytes are. */
struct bs_digest {
	char name[BS_NAME_SIZE]; /* of the entry */
	__u32 line;
	__u32 _pad;
};

/* A value of the policy map. */
union bs_policy_value {
	struct bs_program program;
	struct bs_kfuncs kfuncs;
	struct bs_kernel kernel;
	struct bs_digest digest;
};

_Static_assert(sizeof(struct bs_object_rule) == 168, "bs_object_rule has no padding");
_Static_assert(sizeof(struct bs_attach_rule) == 144, "bs_attach_rule has no padding");
_Static_assert(sizeof(struct bs_denied) == 112, "bs_denied has no padding");
_Static_assert(sizeof(struct bs_load) == 48 + 4 * 112 + 16 * 144 + 8, "bs_load has no padding");
_Static_assert(BS_LOCKDOWN_END <= 64, "a bit for each");
_Static_assert(sizeof(struct bs_files) == 48 + 40 * 264, "bs_files has no padding");
_Static_assert(sizeof(struct bs_place) == 16 + 8 * 384 + 8 * 256, "bs_place has no padding");
_Static_assert(sizeof(struct bs_program) == 40 + 64 + 4 * 256 + sizeof(struct bs_load) + 32 * 168 +
						    sizeof(struct bs_files) +
						    sizeof(struct bs_place),
	"bs_program has no padding");
