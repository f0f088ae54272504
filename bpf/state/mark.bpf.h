/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Process and thread, as they are known here: the values of the maps `processes` and `tasks`. */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"

enum mark_flag {
	/* the executable's claim was verified at its exec: the process is guarded, and its files
	 * and code are checked */
	MARK_VERIFIED = 1 << 0,
	MARK_ENTITLED = 1 << 1,  /* and the policy in force grants it something: it may act */
	MARK_SHARED = 1 << 2,    /* shares memory or descriptors with its parent: not entitled */
	MARK_REPORTED = 1 << 3,  /* its exec line was printed */
	MARK_SCRIPT = 1 << 4,    /* a script's: its interpreter runs */
	MARK_NAMESPACE = 1 << 5, /* executed outside the initial user namespace */
	MARK_EARLY = 1 << 6,     /* executed before the activation: void after it */
	MARK_OPTIONS = 1 << 7,   /* a script's interpreter may take an argument for an option */
};

enum order_flag {
	ORDER_KEYS = 1 << 0,   /* change the signers' keyrings */
	ORDER_POLICY = 1 << 1, /* replace the policy */
};

/* A verified claim: facts about immutable bytes, never a decision. */
struct facts {
	__u8 digest[BS_DIGEST_SIZE];
	__u64 sequence;
	__u64 verified_ns; /* CLOCK_BOOTTIME; 0: nothing verified yet, or FACTS_BEING_WRITTEN */
	__s32 ring;        /* serial of the keyring that verified it */
	__u32 trust;       /* bs_state.trust_generation at that time */
	__u32 role;        /* enum bs_role */
	__u32 changes;     /* bs_state.claim_changes, of a file on an overlay */
	char name[BS_NAME_SIZE]; /* last: see mark_sequence_key() */
};

/* The weakest rules about its files that a task has lived under. */
struct lived {
	__u32 collateral; /* enum bs_collateral */
	__u32 libraries;  /* enum bs_libraries */
	__u32 jit;        /* 0 or 1 */
	__u32 _pad;
};

/* The conditions of `require:`; enum bs_reason, BS_REASON_OK: it holds. */
struct conditions {
	__u32 ima;
	__u32 builtin;
};

/* All of a mark that can change after its exec. */
struct verdict {
	__u32 flags;         /* enum mark_flag */
	__u32 reason;        /* enum bs_reason: why it is not entitled */
	__u32 policy;        /* id of the policy map it was reached under; 0: never judged */
	__u32 trust;         /* bs_state.trust_generation it was reached under */
	__u32 claim;         /* enum bs_reason of the claim's last verification */
	__s32 ring;          /* serial of the keyring that verified the claim; 0: `digests:` */
	__u32 program_flags; /* enum bs_program_flag, of the policy's entry */
	__u32 _pad;
	__u64 types;  /* bs_load.types of the entry */
	__u64 kernel; /* bs_program.kernel of the entry */
	__u64 cgroup; /* id of the one it was reached in, which an entry may ask about */
	__u64 filter; /* newest_filter() of the thread that it was reached in */
	struct lived lived;
};

/* A process: the facts of its exec, which never change, and the verdict on them. */
struct mark {
	struct verdict verdict;
	__u64 started_ns;             /* CLOCK_BOOTTIME at bprm_creds_for_exec */
	struct facts facts;           /* of the file that was executed; an empty name: unsigned */
	char signer[BS_NAME_SIZE];    /* whose ring verified it; right behind facts.name */
	char path[BS_PATH_SIZE];      /* of the executable, NUL padded; empty: too long */
	char asked[BS_NAME_SIZE];     /* last part of the name given to execve, NUL padded */
	__u64 given;                  /* name_number() of that name, of a script */
	char variable[32];            /* what BS_REASON_ENVIRONMENT and _OPTIONS are about */
	__u8 code[BS_DIGEST_SIZE];    /* of the file that runs: for a script, its interpreter */
	struct conditions conditions; /* at its exec, so that later policies can require them */
	struct bs_hash measured;
};

#define EXEC_HEAD 256 /* BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h */

/* The exec under way in a thread. */
struct exec {
	__u64 file;       /* address of the struct file that was measured; 0: no exec under way */
	__u64 started_ns; /* CLOCK_BOOTTIME at bprm_creds_for_exec */
	__u32 reason;     /* enum bs_reason: BS_REASON_OK when the claim was verified */
	/* files of the exec chain seen so far: 1, and one for each interpreter */
	__u32 rounds;
	struct facts facts;          /* of the verified claim */
	struct measurement measured; /* of the last file; the first's before the kernel read it */
	struct measurement again;    /* at bprm_committed_creds */
	char path[BS_PATH_SIZE];     /* as d_path leaves it, with garbage behind the NUL */
	char asked[BS_NAME_SIZE];    /* the last part of the name given to execve, NUL padded */
	char own[BS_NAME_SIZE];      /* the file's own name, which is another by a link; the same */
	__u32 arguments;             /* argc that was given to execve */
	__u64 given;                 /* name_number() of the name given to execve, of a script */
	__u32 is_path;               /* 1: the name given to execve is one */
	__u32 added;                 /* arguments that first lines add: interpreters, options */
	__u32 flags;                 /* enum mark_flag that it earns */
	__u64 inode;                 /* address of the first file's, to ask IMA about */
	struct conditions conditions;
	struct bs_hash hash; /* IMA's, where the entry says `measure: true` */
	/* the rest is not cleared by exec_begin(): it is written before it is read */
	char head[EXEC_HEAD]; /* the first bytes of the last file of the chain */
};

/* What the threads of a process share; each works on a whole copy, taken under the lock. */
struct process {
	struct bpf_spin_lock lock;
	__u32 version; /* moves when the mark does */
	__u64 reader;  /* bs_state.reader, when it took that place; 0: it never did */
	struct mark mark;
};

/* A thread. */
struct task_state {
	struct mark mark; /* its copy; of a process without a mark: what this thread knows */
	__u32 seen;       /* process.version of which it is a copy; 0: of none */
	__u32 command;    /* enum bpf_cmd of the bpf() call under way */
	__u32 verifying;  /* 1: we are asking a signer's keyring, in this task */
	__u32 order;      /* enum order_flag: what an order lets this thread do */
	struct exec exec;
};
