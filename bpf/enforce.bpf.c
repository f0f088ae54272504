// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * The hooks: one on_NAME() for each line of hooks.def. Each finds who asks for what, lets
 * the headers decide, and returns 0 or -EPERM to the kernel.
 *
 *   execve  bprm_creds_for_exec   measure the file before the kernel reads it
 *           bprm_check_security   verify the claims: of the program or script, of its interpreter
 *           bprm_creds_from_file  what IMA has said of it
 *           bprm_committed_creds  the same digest still? then make the mark
 *   inside  file_post_open, file_open             what an entitled program reads
 *           mmap_file, file_mprotect              what it executes
 *   clone   task_alloc            copy the mark to threads and children
 *   bpf()   bpf                   which commands
 *           bpf_map_create, bpf_map, bpf_map_free       who owns a map, who gets it
 *           bpf_prog_load, bpf_prog, bpf_prog_free      the same for programs
 *   doors   file_receive, mmap_file               descriptors that came by other roads
 *           file_ioctl, socket_setsockopt, netlink_send   and where they could be given to
 *   files   file_ioctl, file_ioctl_compat, file_open, inode_free_security
 *                                 fs-verity enabled while pages were cached; reading of pins
 *           inode_post_setxattr, inode_post_removexattr    another claim, or none
 *           fsverity_verify_signature, inode_setintegrity  built-in signatures
 *   kernel  locked_down, kernel_read_file, file_open       what would change the kernel
 *
 * guard.bpf.h, keys.bpf.h, integrity.bpf.h, pins.bpf.h, mounts.bpf.h and last.bpf.h have the hooks
 * that protect ourselves, lockdown.bpf.h those that protect the kernel.
 */

#include "bpf/kernel/kernel.bpf.h"
#include "bpf/state/maps.bpf.h"
#include "bpf/command.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/task/exec.bpf.h"
#include "bpf/objects/objects.bpf.h"
#include "bpf/task/order.bpf.h"
#include "bpf/judge/request.bpf.h"
#include "bpf/files/taint.bpf.h"
#include "bpf/guard/memory.bpf.h"
#include "bpf/trust/keys.bpf.h"
#include "bpf/guard/lockdown.bpf.h"
#include "bpf/files/code.bpf.h"
#include "bpf/objects/doors.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* --- exec ----------------------------------------------------------------------------------- */

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(on_bprm_creds_for_exec, struct linux_binprm *bprm)
{
	exec_begin(bprm);
	return 0; /* an exec is never refused: it only earns no mark */
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(on_bprm_check_security, struct linux_binprm *bprm)
{
	struct task_state *task = has_verity(bprm->file) ? task_make() : task_find();

	if (task && (task->exec.file || has_verity(bprm->file)))
		exec_verify(&task->exec, bprm);
	if (task && task->exec.file && !task->exec.reason && mode() != BS_MODE_OFF)
		bpf_bprm_opts_set(bprm, BPF_F_BPRM_SECUREEXEC); /* AT_SECURE: no LD_PRELOAD */
	return 0;                                               /* the same */
}

SEC("lsm.s/bprm_creds_from_file")
int BPF_PROG(on_bprm_creds_from_file)
{
	struct task_state *task = task_find();

	if (task)
		exec_conditions(&task->exec);
	return 0; /* the same */
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(on_bprm_committed_creds, struct linux_binprm *bprm)
{
	struct task_state *task = report_every_exec ? task_make() : task_find();

	initrd_leave(bprm->file);
	if (!task)
		return 0; /* no file with fs-verity, now or before */
	exec_commit(task, bprm);
	exec_inherit(task);
	if (is_active() && (report_every_exec || (task->mark.flags & MARK_ENTITLED)))
		report_exec(&task->mark);
	return 0;
}

SEC("lsm.s/task_alloc")
int BPF_PROG(on_task_alloc, struct task_struct *child, unsigned long clone_flags)
{
	struct task_state *task = task_find();

	if (!task)
		return 0; /* nothing to inherit */
	if (task->mark.flags & MARK_VERIFIED)
		return mark_inherit(task, child, clone_flags);
	if (task->mark.reason)
		reason_inherit(task, child);
	return 0;
}

/* --- bpf() ---------------------------------------------------------------------------------- */

SEC("lsm.s/bpf")
int BPF_PROG(on_bpf, int cmd, union bpf_attr *attr, unsigned int size)
{
	struct task_state *task = task_find();

	if (task && is_plain(&task->mark, cmd) && is_current(&task->mark) &&
		(task->mark.flags & MARK_ENTITLED) && !is_control(&task->mark))
		return 0; /* entitled, and the descriptor was decided where it was obtained */
	return decide_command(cmd, attr);
}

SEC("lsm.s/bpf_map_create")
int BPF_PROG(on_bpf_map_create, struct bpf_map *map, union bpf_attr *attr)
{
	struct task_state *task = task_current();
	struct request request = {.op = BS_OP_CREATE};

	request_map(&request, map);
	return conclude(&request, task ? &task->mark : NULL, map_create_reason(task, map));
}

SEC("lsm.s/bpf_map")
int BPF_PROG(on_bpf_map, struct bpf_map *map, fmode_t access)
{
	struct task_state *task = task_current();
	struct request request = {.op = BS_OP_OPEN};
	int reason = map_reason(&request, task, map, access);

	return decide_object(&request, task, reason);
}

SEC("lsm/bpf_map_free")
int BPF_PROG(on_bpf_map_free, struct bpf_map *map)
{
	owner_forget(map);
	return 0;
}

SEC("lsm.s/bpf_prog_load")
int BPF_PROG(on_bpf_prog_load, struct bpf_prog *prog, union bpf_attr *attr)
{
	struct task_state *task = task_current();
	struct judgement *judgement = judgement_make();
	struct request request = {.op = BS_OP_LOAD};
	int reason = program_load_reason(task, prog, attr, judgement);

	if (reason <= BS_REASON_TRIVIAL)
		/* judged again when the verifier has passed it: the record is written there */
		return 0;
	request_prog(&request, prog);
	if (judgement && task) {
		request.line = judgement->verdict.line;
		request.detail = judgement->verdict.detail;
	}
	return conclude(&request, task ? &task->mark : NULL, reason);
}

SEC("lsm.s/bpf_prog")
int BPF_PROG(on_bpf_prog, struct bpf_prog *prog)
{
	return refuse_if(decide_program(prog));
}

SEC("lsm/bpf_prog_free")
int BPF_PROG(on_bpf_prog_free, struct bpf_prog *prog)
{
	owner_forget(BPF_CORE_READ(prog, aux));
	owner_forget(prog);
	return 0;
}

/* --- descriptors that arrive by other roads than bpf() -------------------------------------- */

SEC("lsm.s/file_receive")
int BPF_PROG(on_file_receive, struct file *file)
{
	int kind = file_kind(file);

	return kind == BS_KIND_ALIAS ? 0 : refuse_if(decide_descriptor(file, kind));
}

SEC("lsm.s/mmap_file")
int BPF_PROG(
	on_mmap_file, struct file *file, unsigned long unused_requested, unsigned long protection)
{
	if (file && file_kind(file) == BS_KIND_MAP)
		return refuse_if(decide_descriptor(file, BS_KIND_MAP));
	if (!(protection & PROT_EXEC) || !is_verified())
		return 0;
	return refuse_if(decide_code(file, protection));
}

SEC("lsm/mmap_backing_file")
int BPF_PROG(
	on_mmap_backing_file, struct vm_area_struct *area, struct file *below, struct file *file)
{
	if (!(area->vm_flags & VM_EXEC) || !is_verified())
		return 0;
	return refuse_if(decide_below(below, file));
}

SEC("lsm/file_mprotect")
int BPF_PROG(on_file_mprotect, struct vm_area_struct *area, unsigned long unused_requested,
	unsigned long protection)
{
	if (!(protection & PROT_EXEC) || !is_verified())
		return 0;
	return refuse_if(decide_protect(area, protection));
}

/* --- doors ---------------------------------------------------------------------------------- */

SEC("lsm/socket_setsockopt")
int BPF_PROG(on_socket_setsockopt, struct socket *unused_socket, int level, int option)
{
	return is_door_option(level, option) ? refuse_if(decide_door()) : 0;
}

SEC("lsm.s/netlink_send")
int BPF_PROG(on_netlink_send, struct sock *socket)
{
	return is_door_netlink(socket) ? refuse_if(decide_door()) : 0;
}

/* What an ioctl asks for, that of a 32-bit program too. */
static __always_inline int decide_ioctl(struct file *file, unsigned int cmd)
{
	if (is_door_ioctl(cmd) && decide_door())
		return -EPERM;
	if (cmd == PERF_EVENT_IOC_SET_BPF)
		return refuse_if(decide_tracepoint(file));
	return cmd == FS_IOC_ENABLE_VERITY ? taint_begin(file) : 0;
}

/* --- files ---------------------------------------------------------------------------------- */

SEC("lsm.s/file_ioctl")
int BPF_PROG(on_file_ioctl, struct file *file, unsigned int cmd)
{
	return decide_ioctl(file, cmd);
}

SEC("lsm/file_ioctl_compat")
int BPF_PROG(on_file_ioctl_compat, struct file *file, unsigned int cmd)
{
	return decide_ioctl(file, cmd);
}

SEC("lsm.s/file_post_open")
int BPF_PROG(on_file_post_open, struct file *file, int access)
{
	if (!(access & MAY_READ) || !is_verified())
		return 0;
	return refuse_if(decide_read(file));
}

SEC("lsm/file_open")
int BPF_PROG(on_file_open, struct file *file)
{
	struct inode *inode = file->f_inode;

	if (inode->i_flags & S_VERITY)
		taint_clean(file);
	if (is_bpffs(inode->i_sb))
		return refuse_if(decide_bpffs(file));
	if (is_ftrace_switch(file))
		return alarm(BS_OP_SYSCTL, BS_REASON_SWITCH, file->f_path.dentry);
	if (is_written_tracefs(file))
		return refuse_if(decide_lockdown(BS_LOCKDOWN_TRACEFS_WRITE));
	if ((file->f_flags & O_TMPFILE) && (file->f_mode & FMODE_READ) && is_verified())
		return refuse_if(decide_nameless(file));
	return 0;
}

SEC("lsm/inode_free_security")
int BPF_PROG(on_inode_free_security, struct inode *inode)
{
	taint_forget(inode);
	return 0;
}

SEC("lsm/inode_copy_up")
int BPF_PROG(on_inode_copy_up, struct dentry *dentry)
{
	return refuse_if(decide_copy_up(dentry));
}

SEC("lsm/inode_post_removexattr")
int BPF_PROG(on_inode_post_removexattr, struct dentry *dentry)
{
	claim_changed(dentry->d_inode);
	return 0;
}

SEC("lsm/inode_post_setxattr")
int BPF_PROG(on_inode_post_setxattr, struct dentry *dentry)
{
	claim_changed(dentry->d_inode);
	return 0;
}
