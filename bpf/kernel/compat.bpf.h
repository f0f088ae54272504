/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Every difference between kernels, one function each. Features are probed (CO-RE,
 * weak symbols), versions never compared.
 */

#include "bpf/kernel/kernel.bpf.h"

/*
 * The key behind the first argument of lsm/key_permission. key_ref_t is a pointer to a
 * struct that BTF has only as a forward declaration, so the argument cannot be read as
 * such on 6.12 and 6.18; bit 0 says "possessed" (include/linux/key.h).
 */
static __always_inline struct key *key_permission_key(void *context)
{
	__u64 reference = 0;

	bpf_get_func_arg(context, 0, &reference);
	return (struct key *)(reference & ~1ULL);
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct pt_regs___x86 {
	unsigned long orig_ax; /* number of the system call */
	unsigned long si;      /* its second argument; of 32 bits: cx */
	unsigned long cx;
};

struct thread_info___x86 {
	__u32 status;
};

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
};
#pragma clang attribute pop

#define NO_CALL   (~0ULL)
#define TS_COMPAT 2 /* of arch/x86/include/asm/thread_info.h: in a system call of 32 bits */

/*
 * The number of the system call that a task is in. Only the kernel writes what it saved at the
 * entry, but for a tracer before the call is begun. The kernel saves all 64 bits of the register,
 * of which the lower 32 are the number (entry_SYSCALL_64() of arch/x86/entry/entry_64.S). A worker
 * of io_uring is in none; it has the registers of the call in which it was made.
 */
static __always_inline __u64 call_of(struct task_struct *task)
{
	struct pt_regs___x86 *registers = (void *)bpf_task_pt_regs(task);

	if (!bpf_core_field_exists(registers->orig_ax) ||
		BPF_CORE_READ(task, flags) & (PF_IO_WORKER | PF_USER_WORKER))
		return NO_CALL;
	return (__u32)BPF_CORE_READ(registers, orig_ax);
}

static __always_inline __u64 call_number(void)
{
	return call_of(bpf_get_current_task_btf());
}

/*
 * The process whose memory the current task uses: its own, or where it shares the memory of another
 * process, the one that has it for the longest time. 0: without CONFIG_MEMCG, nobody knows.
 */
static __always_inline int memory_owner(void)
{
	struct mm_struct *memory = BPF_CORE_READ(bpf_get_current_task_btf(), mm);

	if (!bpf_core_field_exists(memory->owner))
		return 0;
	return BPF_CORE_READ(memory, owner, tgid);
}

/*
 * Is a task in ioctl(2) with this request? 16 is of 64 bits, 514 of x32 (bit 30), 54 of 32. What is
 * left of an earlier call is overwritten when the task is interrupted, by a number that no call
 * has. Registers that we do not know: it may be.
 */
static __always_inline bool is_in_ioctl(struct task_struct *task, __u32 request)
{
	struct pt_regs___x86 *registers = (void *)bpf_task_pt_regs(task);
	__u64 number = call_of(task);

	if (!bpf_core_field_exists(registers->orig_ax))
		return true;
	if (number == 54)
		return (__u32)BPF_CORE_READ(registers, cx) == request;
	return (number == 16 || number == (514 | 1 << 30)) &&
	       (__u32)BPF_CORE_READ(registers, si) == request;
}

/*
 * Is it bpf(2)? 321 is of 64 bits and 357 of 32; as numbers of the other kind they are signalfd and
 * nothing, so none of them is keyctl(2).
 */
static __always_inline bool is_in_bpf_call(void)
{
	__u64 number = call_number();
	return number == 321 || number == 357;
}

/*
 * Is it add_key(2), request_key(2) or keyctl(2)? 248 to 250 of 64 bits (x32: with bit 30), 286 to
 * 288 of 32. The other kind's calls of these numbers (io_submit to fadvise64, timerfd_settime to
 * accept4) open no file.
 */
static __always_inline bool is_in_key_call(void)
{
	__u64 number = call_number() & ~0x40000000ULL;
	return (number >= 248 && number <= 250) || (number >= 286 && number <= 288);
}

/* Is the current system call one of 32 bits? The numbers of the two kinds differ. */
static __always_inline bool is_in_compat_call(void)
{
	struct task_struct___x86 *task = (void *)bpf_get_current_task_btf();

	return bpf_core_field_exists(task->thread_info.status) &&
	       (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT);
}

/* Is it perf_event_open(2)? 298 is of 64 bits (x32: with bit 30), 336 of 32. */
static __always_inline bool is_in_perf_call(void)
{
	return (call_number() & ~0x40000000ULL) == (is_in_compat_call() ? 336 : 298);
}

/* Is it truncate(2)? 76 is of 64 bits (x32: with bit 30), 92 and 193 of 32. */
static __always_inline bool is_in_truncate(void)
{
	const __u64 number = call_number() & ~0x40000000ULL;

	return is_in_compat_call() ? number == 92 || number == 193 : number == 76;
}
