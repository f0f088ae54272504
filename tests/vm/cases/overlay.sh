# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# On an overlay: who is sealed and signed in a layer below is entitled above, cold and warm, with all that overlayfs knows; what is
# copied up is not.
# hooks: bprm_creds_for_exec bprm_committed_creds mmap_file inode_post_removexattr

. "$TESTS/lib/overlay.sh"

for name in alice eve taken chmodded written; do layer pod "$name"; done
for name in alice taken chmodded written; do sign "pod.lower/$name" --name alice; done
overlay pod
mkdir -p "$WORK/nested".{lower,upper,work} "$WORK/nested"
mount -t overlay nested "$WORK/nested" -o "lowerdir=$WORK/pod,upperdir=$WORK/nested.upper,workdir=$WORK/nested.work"
overlay meta "lowerdir=$WORK/pod.lower,upperdir=$WORK/meta.upper,metacopy=on,redirect_dir=on"
mkdir -p "$WORK/several"
mount -t overlay several "$WORK/several" -o "lowerdir=$WORK/meta.upper:$WORK/pod.lower"
mkdir -p "$WORK/volume"
mount --bind "$WORK/pod.lower" "$WORK/volume"
sync
echo 2 >/proc/sys/vm/drop_caches

for name in pod/alice pod/eve nested/alice meta/alice several/alice volume/alice; do
    says "load: allowed" "baseline: $name" "$WORK/$name" load
done
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
case $(uname -r) in
6.18.*) overlay=read sentence="without the kernel's cross-check" probe="this kernel gives no cross-check" ;;
*) overlay=checked sentence="with the kernel's cross-check" probe="with the kernel's cross-check" ;;
esac
says "files on overlayfs: verified, $sentence" "status says what this kernel can do" bpfsign status
says "\"overlay\":\"$overlay\"" "and in JSON" bpfsign status --json
says "files on overlayfs, as in containers, can be verified ($probe" "a probe says it too" bpfsign status
says "load: allowed" "cold" "$WORK/pod/alice" load
says "load: allowed" "warm" "$WORK/pod/alice" load
line "by her name" "process: alice pid"
says "load: allowed" "read-only, several layers" "$WORK/several/alice" load
says "load: allowed" "on a volume without an overlay" "$WORK/volume/alice" load
says "load: EPERM" "unsigned" "$WORK/pod/eve" load
refused eve overlayfs
says "load: EPERM" "an overlay on an overlay" "$WORK/nested/alice" load
refused alice overlayfs
says "load: allowed" "what is verified above" "$WORK/pod/taken" load
claim=$(claim_of pod.lower/taken)
setfattr -x user.bpfsign "$WORK/pod.lower/taken"
says "load: EPERM" "… its claim taken off below" "$WORK/pod/taken" load
refused taken no-claim
set_claim pod.lower/taken "$claim"
says "load: allowed" "… and put back" "$WORK/pod/taken" load
chmod 700 "$WORK/pod/chmodded"
says "load: EPERM" "copied up by chmod" "$WORK/pod/chmodded" load
refused chmodded copied-up
echo >>"$WORK/pod/written"
says "load: EPERM" "copied up by a write" "$WORK/pod/written" load
refused written copied-up
chmod 700 "$WORK/meta/alice"
says "load: allowed" "with metacopy a chmod leaves the data below" "$WORK/meta/alice" load
leave
umount "$WORK/several" "$WORK/meta" "$WORK/nested" "$WORK/pod" "$WORK/volume"
