/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A capture program whose filter becomes BPF while it runs, as in the tools that people use: an
 * expression of tcpdump's, compiled by libpcap to classic BPF, translated here to eBPF, loaded as
 * XDP by libbpf, attached to lo. Prints how many packets matched and writes them as a pcap file.
 *
 *	pcap_xdp SECONDS FILE EXPRESSION
 *
 * Exit status: 0 it captured, 1 refused with EPERM, 2 anything else.
 */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* <pcap/bpf.h> cannot stand beside <linux/bpf.h>: the part of it that we need. */
#define PCAP_DONT_INCLUDE_PCAP_BPF_H
#include <pcap/dlt.h>
#include <pcap/pcap.h>
struct bpf_program {
	unsigned bf_len;
	struct sock_filter *bf_insns; /* laid out as its struct bpf_insn */
};

#define SNAP_LENGTH   65535
#define PACKET_LENGTH 0x7fff /* beyond it no byte is looked at */
#define MOST_INSNS    32768  /* or a jump might not reach */

/* The registers of classic BPF, in registers that calls leave alone. */
enum {
	PACKET = BPF_REG_6, /* its first byte */
	A = BPF_REG_7,
	X = BPF_REG_8,
	END = BPF_REG_9, /* of the packet */
};

/* On the stack. */
enum {
	CONTEXT = -8,
	LENGTH = -16,
	KEY = -24,
	SCRATCH = -24 - 4 * BPF_MEMWORDS, /* M[0] is here, M[1] above it */
};

/* Where a jump goes, besides to the classic instruction of that index. */
enum { NO_MATCH = -1, MATCH = -2, NO_JUMP = -3 };

static struct bpf_insn insns[MOST_INSNS];
static int targets[MOST_INSNS]; /* of the jumps among them, which resolve() fills in */
static int n_insns;

static void emit(int code, int dst, int src, int off, int imm)
{
	if (n_insns == MOST_INSNS) {
		fprintf(stderr, "pcap_xdp: the expression is too long\n");
		exit(2);
	}
	targets[n_insns] = NO_JUMP;
	insns[n_insns++] = (struct bpf_insn){.code = (__u8)code,
		.dst_reg = dst & 15,
		.src_reg = src & 15,
		.off = (__s16)off,
		.imm = imm};
}

static void jump(int code, int dst, int src, int imm, int target)
{
	emit(code, dst, src, 0, imm);
	targets[n_insns - 1] = target;
}

static void set(int dst, int imm)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static void move(int dst, int src)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void load_map(int dst, int fd)
{
	emit(BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_FD, 0, fd);
	emit(0, 0, 0, 0, 0);
}

/* --- from classic BPF ----------------------------------------------------------------------- */

/* dst = the bytes of the packet at k, or at X + k; no match if that is beyond its end. */
static void load_packet(int dst, int mode, int size, unsigned k)
{
	int width = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;

	if (k > PACKET_LENGTH) { /* so are the extensions, which only sockets have */
		jump(BPF_JMP | BPF_JA, 0, 0, 0, NO_MATCH);
		return;
	}
	move(BPF_REG_1, PACKET);
	if (mode == BPF_IND) {
		jump(BPF_JMP | BPF_JGT | BPF_K, X, 0, PACKET_LENGTH, NO_MATCH);
		emit(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, X, 0, 0);
	}
	emit(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, (int)k + width);
	jump(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_1, END, 0, NO_MATCH);
	emit(BPF_LDX | BPF_MEM | size, dst, BPF_REG_1, -width, 0);
	if (width > 1)
		emit(BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, width * 8);
}

static int memory(unsigned k)
{
	return SCRATCH + 4 * (int)(k % BPF_MEMWORDS);
}

/* BPF_LD into A, BPF_LDX into X. */
static int translate_load(const struct sock_filter *c, int dst)
{
	switch (BPF_MODE(c->code)) {
	case BPF_ABS:
	case BPF_IND:
		load_packet(dst, BPF_MODE(c->code), BPF_SIZE(c->code), c->k);
		return 0;
	case BPF_MSH: /* the length of an IPv4 header */
		load_packet(dst, BPF_ABS, BPF_B, c->k);
		emit(BPF_ALU | BPF_AND | BPF_K, dst, 0, 0, 0xf);
		emit(BPF_ALU | BPF_LSH | BPF_K, dst, 0, 0, 2);
		return 0;
	case BPF_IMM:
		emit(BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int)c->k);
		return 0;
	case BPF_MEM:
		emit(BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_10, memory(c->k), 0);
		return 0;
	case BPF_LEN:
		move(dst, END);
		emit(BPF_ALU64 | BPF_SUB | BPF_X, dst, PACKET, 0, 0);
		return 0;
	}
	return -EINVAL;
}

/* Both have the same operations on 32 bits, but for a division by zero: no match. */
static int translate_alu(const struct sock_filter *c)
{
	int operation = BPF_OP(c->code), by_x = BPF_SRC(c->code) == BPF_X;

	if ((operation == BPF_DIV || operation == BPF_MOD) && by_x)
		jump(BPF_JMP32 | BPF_JEQ | BPF_K, X, 0, 0, NO_MATCH);
	emit(BPF_ALU | operation | BPF_SRC(c->code), A, by_x ? X : 0, 0, by_x ? 0 : (int)c->k);
	return 0;
}

static int translate_jump(const struct sock_filter *c, int next)
{
	int by_x = BPF_SRC(c->code) == BPF_X;

	if (BPF_OP(c->code) == BPF_JA) {
		jump(BPF_JMP | BPF_JA, 0, 0, 0, next + (int)c->k);
		return 0;
	}
	jump(BPF_JMP32 | BPF_OP(c->code) | BPF_SRC(c->code), A, by_x ? X : 0, by_x ? 0 : (int)c->k,
		next + c->jt);
	jump(BPF_JMP | BPF_JA, 0, 0, 0, next + c->jf);
	return 0;
}

static int translate_return(const struct sock_filter *c)
{
	if (BPF_RVAL(c->code) == BPF_A)
		jump(BPF_JMP32 | BPF_JNE | BPF_K, A, 0, 0, MATCH);
	jump(BPF_JMP | BPF_JA, 0, 0, 0, BPF_RVAL(c->code) == BPF_K && c->k ? MATCH : NO_MATCH);
	return 0;
}

static int translate(const struct sock_filter *c, int next)
{
	switch (BPF_CLASS(c->code)) {
	case BPF_LD:
		return translate_load(c, A);
	case BPF_LDX:
		return translate_load(c, X);
	case BPF_ST:
	case BPF_STX:
		emit(BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_CLASS(c->code) == BPF_ST ? A : X,
			memory(c->k), 0);
		return 0;
	case BPF_ALU:
		return translate_alu(c);
	case BPF_JMP:
		return translate_jump(c, next);
	case BPF_RET:
		return translate_return(c);
	case BPF_MISC:
		move(BPF_MISCOP(c->code) == BPF_TAX ? X : A,
			BPF_MISCOP(c->code) == BPF_TAX ? A : X);
		return 0;
	}
	return -EINVAL;
}

/* --- the rest of the program ---------------------------------------------------------------- */

static void begin(void)
{
	emit(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_1, CONTEXT, 0);
	emit(BPF_LDX | BPF_MEM | BPF_W, PACKET, BPF_REG_1, offsetof(struct xdp_md, data), 0);
	emit(BPF_LDX | BPF_MEM | BPF_W, END, BPF_REG_1, offsetof(struct xdp_md, data_end), 0);
	set(A, 0);
	set(X, 0);
	for (int at = SCRATCH; at < KEY; at += 8)
		emit(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, at, 0);
}

/* One more in the counter; the packet, behind its length, into the perf buffer. */
static void match(int counter, int packets)
{
	emit(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, KEY, 0);
	load_map(BPF_REG_1, counter);
	move(BPF_REG_2, BPF_REG_10);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, KEY);
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	jump(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, NO_MATCH);
	set(BPF_REG_1, 1);
	emit(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD);

	move(BPF_REG_3, END);
	emit(BPF_ALU64 | BPF_SUB | BPF_X, BPF_REG_3, PACKET, 0, 0);
	emit(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_3, LENGTH, 0);
	emit(BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_3, 0, 0, 32);
	emit(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -1); /* BPF_F_CURRENT_CPU */
	emit(BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_3, BPF_REG_0, 0, 0);
	emit(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_10, CONTEXT, 0);
	load_map(BPF_REG_2, packets);
	move(BPF_REG_4, BPF_REG_10);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, LENGTH);
	set(BPF_REG_5, 8);
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_perf_event_output);
}

static void resolve(const int *places, int matched, int passed)
{
	for (int i = 0; i < n_insns; i++) {
		int to = targets[i];
		if (to != NO_JUMP)
			insns[i].off = (__s16)((to == MATCH             ? matched
						       : to == NO_MATCH ? passed
									: places[to]) -
					       i - 1);
	}
}

static int assemble(const struct bpf_program *classic, int counter, int packets)
{
	static int places[BPF_MAXINSNS + 1];
	int matched, passed;

	begin();
	for (int i = 0; i < (int)classic->bf_len; i++) {
		places[i] = n_insns;
		if (translate(&classic->bf_insns[i], i + 1) < 0)
			return -EINVAL;
	}
	matched = n_insns;
	match(counter, packets);
	passed = n_insns;
	set(BPF_REG_0, XDP_PASS);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	resolve(places, matched, passed);
	return 0;
}

/* --- the tool ------------------------------------------------------------------------------- */

static int failed(const char *what)
{
	int e = errno;

	fprintf(stderr, "pcap_xdp: %s: %s\n", what, strerror(e));
	return e == EPERM ? 1 : 2;
}

struct capture {
	pcap_dumper_t *file;
	int n;
};

static void packet(void *context, int cpu, void *data, __u32 size)
{
	struct capture *capture = context;
	struct pcap_pkthdr header = {0};
	__u64 length = *(__u64 *)data;

	if (length > size - 8)
		return;
	gettimeofday(&header.ts, NULL);
	header.caplen = header.len = (__u32)length;
	pcap_dump((u_char *)capture->file, &header, (u_char *)data + 8);
	capture->n++;
}

static int capture(int program, int packets, int counter, int seconds, struct capture *to)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
	struct perf_buffer *buffer = perf_buffer__new(packets, 16, packet, NULL, to, NULL);
	time_t end = time(NULL) + seconds;
	__u32 key = 0;
	__u64 count = 0;

	if (!buffer)
		return failed("perf buffer");
	int attached = bpf_link_create(program, (int)if_nametoindex("lo"), BPF_XDP, &options);
	if (attached < 0)
		return failed("attach to lo");
	printf("capturing\n");
	fflush(stdout);
	while (time(NULL) < end)
		perf_buffer__poll(buffer, 100);
	close(attached); /* nothing more comes, and the rest is read */
	perf_buffer__consume(buffer);
	if (bpf_map_lookup_elem(counter, &key, &count) < 0)
		return failed("read the counter");
	printf("%llu packets matched, %d captured\n", (unsigned long long)count, to->n);
	return 0;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options);
	static char log[1 << 20];
	struct bpf_program classic;
	struct capture to = {0};
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAP_LENGTH);

	if (argc != 4 || !dead) {
		fprintf(stderr, "usage: pcap_xdp SECONDS FILE EXPRESSION\n");
		return 2;
	}
	if (pcap_compile(dead, &classic, argv[3], 1, PCAP_NETMASK_UNKNOWN) < 0 ||
		!(to.file = pcap_dump_open(dead, argv[2]))) {
		fprintf(stderr, "pcap_xdp: %s\n", pcap_geterr(dead));
		return 2;
	}

	int counter = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pcap_count", 4, 8, 1, NULL);
	int packets = bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "pcap_packets", 4, 4,
		libbpf_num_possible_cpus(), NULL);
	if (counter < 0 || packets < 0)
		return failed("create the maps");
	if (assemble(&classic, counter, packets) < 0) {
		fprintf(stderr, "pcap_xdp: this expression cannot be translated\n");
		return 2;
	}
	printf("%u instructions of classic BPF are %d of eBPF\n", classic.bf_len, n_insns);
	int program = bpf_prog_load(
		BPF_PROG_TYPE_XDP, "pcap_filter", "GPL", insns, (size_t)n_insns, &options);
	if (program < 0) {
		int r = failed("load the program");
		options.log_buf = log, options.log_size = sizeof(log), options.log_level = 1;
		if (r == 2 && bpf_prog_load(BPF_PROG_TYPE_XDP, "pcap_filter", "GPL", insns,
				      (size_t)n_insns, &options) < 0)
			fputs(log, stderr);
		return r;
	}
	int r = capture(program, packets, counter, atoi(argv[1]), &to);
	pcap_dump_close(to.file);
	pcap_close(dead);
	return r;
}
