/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kinds of `attach:`. First the words of libbpf's SEC() names, where a target may follow;
 * then every program type, then the other attach types, by libbpf's names for them.
 */

#include "src/names/attach.h"

#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "bpf/contract/abi.h"
#include "bpf/contract/rules_attach.h"
#include "src/names/names.h"
#include "src/base/base.h"

#define BTF       ATTACH_TARGET_BTF
#define INTERFACE ATTACH_TARGET_INTERFACE
#define NONE      ATTACH_TARGET_NONE

#define USE(kind)                                                                                  \
	"the kernel reads the name from user memory after every hook: use '" kind                  \
	"/…' to name a target"
#define NO_OTHER                                                                                   \
	"the kernel learns the target after every hook, and no other kind names it: leave the '/…' out"

// clang-format off
static const struct attach_kind kinds[] = {
	{"fentry",     BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, BTF, "", NULL},
	{"fexit",      BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,  BTF, "", NULL},
	{"fsession",   BPF_PROG_TYPE_TRACING, BS_FSESSION, BTF, "", NULL},
	/* To many functions at once, whose BTF ids the kernel reads from user memory. */
	{"fentry.multi",   BPF_PROG_TYPE_TRACING, BS_FENTRY_MULTI, NONE, "", USE("fentry")},
	{"fexit.multi",    BPF_PROG_TYPE_TRACING, BS_FEXIT_MULTI, NONE, "", USE("fexit")},
	{"fsession.multi", BPF_PROG_TYPE_TRACING, BS_FSESSION_MULTI, NONE, "", USE("fsession")},
	{"tp_btf",     BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, BTF, "btf_trace_", NULL},
	{"iter",       BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,   BTF, "bpf_iter_", NULL},
	{"lsm",        BPF_PROG_TYPE_LSM, BPF_LSM_MAC,    BTF, "bpf_lsm_", NULL},
	{"lsm_cgroup", BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, BTF, "bpf_lsm_", NULL},
	{"freplace",   BPF_PROG_TYPE_EXT, BS_ANY, BTF, "", NULL},
	/* attach_type: a member */
	{"struct_ops", BPF_PROG_TYPE_STRUCT_OPS, BS_ANY, BTF, "", NULL},
	{"tracepoint", BPF_PROG_TYPE_TRACEPOINT, BS_ANY, ATTACH_TARGET_TRACEPOINT, "", NULL},
	{"raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, BS_ANY, NONE, "", USE("tp_btf")},
	{"raw_tracepoint_writable", BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, BS_ANY, NONE, "",
		USE("tp_btf")},
	/* The attach type 0: kprobes, kretprobes, uprobes, uretprobes, USDT, ksyscall. */
	{"kprobe",         BPF_PROG_TYPE_KPROBE, 0, NONE, "", USE("fentry")},
	{"kprobe.multi",   BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI, NONE, "", USE("fentry")},
	{"kprobe.session", BPF_PROG_TYPE_KPROBE, BS_KPROBE_SESSION, NONE, "", USE("fentry")},
	{"uprobe.multi",   BPF_PROG_TYPE_KPROBE, BS_UPROBE_MULTI, NONE, "", NO_OTHER},
	{"uprobe.session", BPF_PROG_TYPE_KPROBE, BS_UPROBE_SESSION, NONE, "", NO_OTHER},
	{"perf_event", BPF_PROG_TYPE_PERF_EVENT, BS_ANY, NONE, "", NO_OTHER},
	{"xdp",        BPF_PROG_TYPE_XDP, BS_ANY, INTERFACE, "", NULL}, /* some loaders say 0 */
	{"xdp.devmap", BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, NONE, "", NO_OTHER},
	{"xdp.cpumap", BPF_PROG_TYPE_XDP, BPF_XDP_CPUMAP, NONE, "", NO_OTHER},
	{"tcx_ingress",    BPF_PROG_TYPE_SCHED_CLS, 46, INTERFACE, "", NULL}, /* since v6.6 */
	{"tcx_egress",     BPF_PROG_TYPE_SCHED_CLS, 47, INTERFACE, "", NULL},
	{"netkit_primary", BPF_PROG_TYPE_SCHED_CLS, 54, INTERFACE, "", NULL}, /* since v6.7 */
	{"netkit_peer",    BPF_PROG_TYPE_SCHED_CLS, 55, INTERFACE, "", NULL},
};
// clang-format on

static int find_listed(const char *word, struct attach_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, word) != 0)
			continue;
		*ret = kinds[i];
		return 0;
	}
	return -ENOENT;
}

/*
 * The program type of an attach type that attach_kind_find() knows by its name, or -ENOENT; also
 * for fmod_ret. The pair is granted, since the kernel lets most types be loaded with any attach
 * type: a kprobe "for" cgroup_inet4_connect would hide behind its grant.
 */
static int program_type_of(unsigned attach_type)
{
	switch (attach_type) {
	case BPF_CGROUP_INET_INGRESS:
	case BPF_CGROUP_INET_EGRESS:
		return BPF_PROG_TYPE_CGROUP_SKB;
	case BPF_CGROUP_INET_SOCK_CREATE:
	case BPF_CGROUP_INET_SOCK_RELEASE:
	case BPF_CGROUP_INET4_POST_BIND:
	case BPF_CGROUP_INET6_POST_BIND:
		return BPF_PROG_TYPE_CGROUP_SOCK;
	case BPF_CGROUP_SOCK_OPS:
		return BPF_PROG_TYPE_SOCK_OPS;
	case BPF_SK_SKB_STREAM_PARSER:
	case BPF_SK_SKB_STREAM_VERDICT:
	case BPF_SK_SKB_VERDICT:
		return BPF_PROG_TYPE_SK_SKB;
	case BPF_SK_MSG_VERDICT:
		return BPF_PROG_TYPE_SK_MSG;
	case BPF_CGROUP_INET4_BIND ... BPF_CGROUP_INET6_CONNECT:
	case BPF_CGROUP_UDP4_SENDMSG ... BPF_CGROUP_UDP6_SENDMSG:
	case BPF_CGROUP_UDP4_RECVMSG ... BPF_CGROUP_UDP6_RECVMSG:
	case BPF_CGROUP_INET4_GETPEERNAME ... BPF_CGROUP_INET6_GETSOCKNAME:
	case 49 ... 53: /* BPF_CGROUP_UNIX_* */
		return BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	case BPF_CGROUP_GETSOCKOPT:
	case BPF_CGROUP_SETSOCKOPT:
		return BPF_PROG_TYPE_CGROUP_SOCKOPT;
	case BPF_SK_REUSEPORT_SELECT:
	case BPF_SK_REUSEPORT_SELECT_OR_MIGRATE:
		return BPF_PROG_TYPE_SK_REUSEPORT;
	default: /* has a kind or a program type of its own above */
		return -ENOENT;
	}
}

int attach_kind_find(const char *word, struct attach_kind *ret)
{
	struct attach_kind kind = {
		.type = BS_ANY, .attach_type = BS_ANY, .prefix = "", .instead = NO_OTHER};

	if (find_listed(word, ret) == 0)
		return 0;
	int type = prog_type_find(word);
	if (type >= 0) {
		kind.type = (uint32_t)type;
		kind.name = prog_type_name((unsigned)type);
		*ret = kind;
		return 0;
	}
	for (unsigned i = 0; i < BS_ATTACH_TYPE_END; i++) {
		if (program_type_of(i) < 0 || strcmp(attach_type_name(i), word) != 0)
			continue;
		kind.type = (uint32_t)program_type_of(i);
		kind.attach_type = i;
		kind.name = attach_type_name(i);
		*ret = kind;
		return 0;
	}
	return -ENOENT;
}

const char *const *attach_kind_names(size_t *ret_n)
{
	static const char *names[ARRAY_SIZE(kinds) + 64 + BS_ATTACH_TYPE_END];
	size_t n = 0, n_types;
	const char *const *types = prog_type_names(&n_types);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		names[n++] = kinds[i].name;
	for (size_t i = 0; i < n_types; i++)
		names[n++] = types[i];
	for (unsigned i = 0; i < BS_ATTACH_TYPE_END; i++)
		if (program_type_of(i) >= 0)
			names[n++] = attach_type_name(i);
	*ret_n = n;
	return names;
}

bool attach_kind_is_never(const char *word)
{
	static const char *const words[] = {"fmod_ret", "fmod_ret.s", "modify_return"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

const char *attach_kind_instead(const char *word)
{
	static const struct {
		const char *word, *kind;
	} words[] = {
		{"kretprobe", "kprobe"},
		{"uprobe", "kprobe"},
		{"uretprobe", "kprobe"},
		{"usdt", "kprobe"},
		{"ksyscall", "kprobe"},
		{"kretsyscall", "kprobe"},
		{"kretprobe.multi", "kprobe.multi"},
		{"uretprobe.multi", "uprobe.multi"},
		{"raw_tp", "raw_tracepoint"},
		{"tp", "tracepoint"},
		{"tc", "sched_cls"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].kind;
	return NULL;
}
