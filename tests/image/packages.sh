#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inside of a booted image whose enforcement is on: bpftrace by apt, with its vendor's manifest and no private key on this machine. Installed, upgraded,
# altered by one byte on its way, removed. repo/ is a repository of Debian's package with that manifest (bpfsign-deb).

set -u
CASE=packages
. ./lib.sh

hello='BEGIN { printf("hel%s\n", "lo"); exit(); }'
export DEBIAN_FRONTEND=noninteractive

# apt VERSION…: of the repository; prints what it says.
apt() {
    apt-get -y -q -o Dpkg::Use-Pty=0 "$@" 2>&1 </dev/null
}

# transaction WHAT TEXT COMMAND…: apt's transaction ends well, with exactly one line of ours, which holds TEXT.
transaction() {
    local what=$1 text=$2 output status=0 lines
    shift 2
    output=$(apt "$@") || status=$?
    lines=$(grep '^bpfsign' <<<"$output")
    if [[ $status = 0 && $(wc -l <<<"$lines") = 1 && $lines == *"$text"* ]]; then
        pass "$what: $lines"
    else
        fail "$what" "status $status, lines '$lines', of: $output"
    fi
}

cp -r repo /run/repo
echo 'deb [trusted=yes] file:/run/repo ./' >/etc/apt/sources.list
rm -rf /etc/apt/sources.list.d/*
mkdir -p /var/cache/apt/archives/partial /var/lib/apt/lists/partial
exits 0 "apt reads the repository" apt update
says 'keys: 0' "no private key is on this machine" sh -c 'echo keys: $(grep -rl "PRIVATE KEY" /etc /root /usr/share/bpfsign /home 2>/dev/null | wc -l)'
says hello "baseline: the image's bpftrace works" bpftrace -e "$hello"

# the administrator's own set names the same files
mkdir -p /etc/bpfsign/sign.d
cp /usr/share/bpfsign/manifests/image.manifest /etc/bpfsign/local.manifest
printf 'version: 1\nmanifest: /etc/bpfsign/local.manifest\n' >/etc/bpfsign/sign.d/local.conf

exits 0 "baseline: it is in the administrator's manifest" grep -q '^file usr/bin/bpftrace ' /etc/bpfsign/local.manifest
exits 0 "apt removes it" apt remove bpftrace
exits 1 "it is pruned from there" grep -q '^file usr/bin/bpftrace ' /etc/bpfsign/local.manifest
exits 1 "and gone" test -e /usr/bin/bpftrace
says 'unsigned: 0' "nothing is left to be said" sh -c 'echo unsigned: $(bpfsign status | grep -c "could not be signed")'

transaction "apt installs version 1" 'bpfsign: 1 file signed' install bpftrace=1:1
says 'signed by vendor as bpftrace, executable, sequence 2000000001' "it is signed by its vendor" bpfsign verify /usr/bin/bpftrace
says hello "it works" bpftrace -e "$hello"
decided "by the vendor's signature" PROCESS=bpftrace OP=load ACTION=Approved SIGNER=vendor

# Eve keeps the old one, sealed and with its own claim
cp /usr/bin/bpftrace /root/bpftrace
fsverity enable /root/bpftrace
setfattr -n user.bpfsign -v "0x$(getfattr --only-values -n user.bpfsign /usr/bin/bpftrace 2>/dev/null | od -An -tx1 -v | tr -d ' \n')" /root/bpftrace
sync
echo 1 >/proc/sys/vm/drop_caches
says hello "baseline: a copy of it works as well" /root/bpftrace -e "$hello"
transaction "apt upgrades it to version 2" 'bpfsign: 1 file signed' install bpftrace=1:2
says 'sequence 2000000002' "it is the later one" bpfsign verify /usr/bin/bpftrace
says hello "it works" bpftrace -e "$hello"
fails ERROR "the old one does no more" /root/bpftrace -e "$hello"
decided "for its sequence" EXECUTABLE=/root/bpftrace ACTION=BPFDenied REASON=old-sequence

transaction "apt installs version 3, altered by one byte" \
    "bpfsign: 'usr/bin/bpftrace' could not be signed: 'usr/bin/bpftrace' has other bytes than were signed" install bpftrace=1:3
fails ERROR "it does not work" bpftrace -e "$hello"
decided "it is unsigned" EXECUTABLE=/usr/bin/bpftrace ACTION=BPFDenied REASON=unsigned
says "'usr/bin/bpftrace' could not be signed" "the log has it" journalctl -q -t bpfsign
says "[no]  'usr/bin/bpftrace' could not be signed" "status is red" bpfsign status
exits 1 "… and says no" bpfsign status

# libraries that everything has in memory, bpfsign itself included: dpkg brings them anew, the hook still runs, and nobody waits for a reboot
transaction "apt puts version 2 back" 'bpfsign: 1 file signed' install --allow-downgrades bpftrace=1:2
exits 0 "status is good again" bpfsign status
says hello "it works again" bpftrace -e "$hello"
transaction "libc and libbpf come anew" 'files signed' install --reinstall --allow-downgrades libbpf1 libc6
decided "the new libc was not signed yet when PID 1 was executed again" PROCESS=systemd PID=1 OP=code ACTION=Denied REASON=unsigned
exits 0 "the control program still gets its libraries" bpfsign status
exits 0 "the watcher too" watchbpf self-test
says hello "and bpftrace" bpftrace -e "$hello"
exits 0 "PID 1 has its rights back" systemd-run --quiet --wait --collect -p IPAddressDeny=any -p IPAddressAllow=127.0.0.1 \
    bash -c 'echo x >/dev/udp/127.0.0.1/9'
fails 'Operation not permitted' "… and filters" systemd-run --quiet --wait --collect --pipe -p IPAddressDeny=any bash -c 'echo x >/dev/udp/127.0.0.1/9'
says '0 loaded units' "no unit failed" systemctl --failed --no-pager
exit $((failures > 0))
