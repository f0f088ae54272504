mkdir -p /sys/fs/bpf/t; bpftool prog loadall /root/last.o /sys/fs/bpf/t 2>&1 | tail -3
mount | grep cgroup; mountpoint /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
bpftool cgroup attach /sys/fs/cgroup lsm_cgroup pinned /sys/fs/bpf/t/last_bpf 2>&1 | tail -2
bpftool cgroup attach /sys/fs/cgroup sysctl pinned /sys/fs/bpf/t/last_sysctl multi 2>&1 | tail -2
cat > /root/a.py <<'P'
import ctypes,sys
l=ctypes.CDLL(None,use_errno=True)
b=ctypes.create_string_buffer(128)
r=l.syscall(321,0x42505399,b,128); print("bpf magic",r,ctypes.get_errno())
r=l.syscall(321,0x42505398,b,128); print("bpf other",r,ctypes.get_errno())
P
python3 /root/a.py
sysctl -w kernel.ftrace_enabled=0; sysctl kernel.ftrace_enabled
rm -r /sys/fs/bpf/t; python3 /root/a.py
sysctl -w kernel.ftrace_enabled=0
uname -r
