# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of scripts/check
# The groups that run in guests: cases, attacks, boots, mutants. A guest is a job; some run beside
# each other.

# What has a boot of its own. On the first kernel only: other-rings-late (who comes first is the
# kernel's choice), and ima-log (what IMA's log makes of our signatures).
boots=(ima last-fence other-rings ima-taken initrd initrd-broken initrd-stops no-bpf-lsm way-out
    other-rings-late ima-log)

# prepare_guests: what all guests of this run share: the payload, with keys that are made once.
prepare_guests() {
    local to=$state/tests name
    mkdir -p "$to/bin" "$to/objects" "$to/keys"
    cp -r tests/vm/cases tests/vm/attacks tests/vm/boot tests/vm/lib "$to"
    find build/tests/vm -maxdepth 1 -type f -executable -exec cp -t "$to/bin" {} +
    cp build/src/watchbpf/watchbpf-mutant "$to/bin"
    cp build/tests/vm/*.o "$to/objects"
    for name in acme bob ctl; do
        build/src/bpfsign/bpfsign keygen "$name" --output "$to/keys/$name" >/dev/null
    done
    scripts/vm --no-build --make-payload "$state/payload" --add "$to" || return
    mkdir "$state/initrd"
    tests/vm/lib/initrd "$state/initrd/whole" "$to/keys" || return
    cp -a "$state/initrd/whole" "$state/initrd/broken"
    echo '# altered' >>"$state/initrd/broken/etc/bpfsign/policy.yaml"
    cp -a "$state/initrd/broken" "$state/initrd/fail-closed"
    echo 'fail-closed: yes' >"$state/initrd/fail-closed/etc/bpfsign/initrd.conf"
}

# smp_of GROUP KERNEL: the processors of its guests.
smp_of() {
    printf '%s' "${smp["$1@$2"]:-${smp[all]:-1}}"
}

# boot GROUP NAME KERNEL OPTION... -- COMMAND...: in a guest of that kernel; its lines with the
# kernel's name. Its console and log are kept when a check failed.
boot() {
    local group=$1 kernel=$3 kept=$logs/$3-$1-$2 status=0 more=()
    shift 3
    rm -rf "$kept"
    mkdir -p "$kept"
    [[ $shell = no ]] || more=(--shell)
    scripts/vm --kernel "$kernel" --no-build --memory 2048 --timeout 5200 \
        --smp "$(smp_of "$group" "$kernel")" --payload "$state/payload" --keep "$kept" \
        "${more[@]}" "$@" 2>&1 | tee "$kept/log" |
        with_origin "$group" "$kernel" "$kept" || status=$?
    [[ $status -le 1 ]] || printf 'not ok %s guest: it ended with status %s\n' "$group" "$status" |
        with_origin "$group" "$kernel" "$kept"
    [[ $status != 0 ]] || grep -q '^not ok ' "$kept/log" || rm -rf "$kept"
}

# in_guest COMMAND...: as it is run there.
in_guest() {
    env_for_guest=()
    [[ $shell = no ]] || env_for_guest=(env "RIG_SHELL=1" "TERM=$TERM")
}

# guest GROUP NAME KERNEL ARGUMENT...: tests/vm/lib/run there; NAME is for the kept logs.
guest() {
    local group=$1 name=$2 kernel=$3
    shift 3
    in_guest
    boot "$group" "$name" "$kernel" -- "${env_for_guest[@]}" /root/tests/lib/run "$@"
}

boot_scripts() {
    local name=$1 kernel=$2
    shift 2
    in_guest
    boot boots "$name" "$kernel" "${boot_options[@]}" -- \
        "${env_for_guest[@]}" /root/tests/lib/boots "$@"
}

# boots_guest KERNEL NAME...: these in one guest: the options are those of the first.
boots_guest() {
    local kernel=$1 boot_options=()
    shift
    case $1 in
    no-bpf-lsm) boot_options=(--append 'lsm=landlock,lockdown,yama,integrity') ;;
    way-out) boot_options=(--append bpfsign=off) ;;
    ima) boot_options=(--append ima_appraise=log) ;;
    ima-log) boot_options=(--append ima_template=ima-sig) ;;
    initrd) boot_options=(--initrd "$state/initrd/whole") ;;
    initrd-broken) boot_options=(--initrd "$state/initrd/broken") ;;
    initrd-stops) initrd_stops "$kernel"; return ;;
    esac
    boot_scripts "$1" "$kernel" "$@"
}

# The command must not run: had the boot gone on after what the console says, its status would come
# in time.
initrd_stops() {
    local kept=$logs/$1-boots-initrd-stops status=0
    mkdir -p "$kept"
    scripts/vm --kernel "$1" --no-build --memory 2048 --payload "$state/payload" --keep "$kept" \
        --initrd "$state/initrd/fail-closed" --linger 20 \
        --until 'the boot stops here (fail-closed)' \
        -- sh -c 'echo the boot went on; exit 9' >"$kept/log" 2>&1 || status=$?
    if [[ $status = 0 ]]; then
        echo 'ok initrd: the boot stops where the policy was altered'
        rm -rf "$kept"
    else
        echo "not ok initrd: the boot stops where the policy was altered: status $status"
        tail -n 5 "$kept/log" | sed 's/^/#   | /'
    fi | { echo '# item initrd-stops'; cat; } | with_origin boots "$1" "$kept"
}

# --- jobs ---------------------------------------------------------------------------------------

# job COMMAND...: in the background, as soon as fewer than $beside are running. Half of the time of
# a guest that begins and ends enforcements goes by while its kernel waits for its own grace
# periods: more run than there are processors.
job() {
    while [[ $(jobs -pr | wc -l) -ge $beside ]]; do wait -n || true; done
    if [[ $shell = no ]]; then "$@" & else "$@"; fi
}

# share_of NUMBER: what is the same on every kernel ("# once: ") is shared out among the guests.
share_of() {
    share=(--share "$1" "${#kernels[@]}")
    [[ -z ${on[vm]-} ]] || share=()
}

# runs_on GROUP KERNEL: not where --on names other kernels for it.
runs_on() {
    is_chosen "$1" && [[ " ${on[$1]:-$2} " = *" $2 "* ]]
}

# The longest first: a start takes the longer, the newer the kernel is.
run_guests() {
    local i share=()
    prepare_guests || { echo 'not ok guests: what they share could not be made'; return; }
    ! is_chosen mutate || check_mutate
    ! is_chosen image || job check_image
    for ((i = ${#kernels[@]} - 1; i > 0; i--)); do
        ! runs_on attacks "${kernels[i]}" || attacks_job "${kernels[i]}" "$i"
    done
    for ((i = 0; i < ${#kernels[@]}; i++)); do
        ! runs_on vm "${kernels[i]}" || cases_job "${kernels[i]}" "$i"
    done
    ! runs_on attacks "${kernels[0]}" || attacks_job "${kernels[0]}" 0
    for ((i = 0; i < ${#kernels[@]}; i++)); do
        ! runs_on boots "${kernels[i]}" || boots_jobs "${kernels[i]}" "$i"
    done
}

# in_parts GROUP KERNEL MOST [OPTION]: the items of a group, at most so many in a guest: one guest
# uses one processor of the host, and would be the last for a long time. Where --on names several
# kernels, each has its share of the items, by how often it is named.
in_parts() {
    local group=$1 kernel=$2 most=$3 n part named
    mapfile -t named < <(wanted "$group" | awk -v of="${on[$group]:-$kernel}" -v kernel="$kernel" '
        BEGIN { n = split(of, kernels, " ") }
        kernels[NR % n + 1] == kernel')
    n=$(((${#named[@]} + most - 1) / most))
    for ((part = 0; part < n; part++)); do
        # shellcheck disable=SC2046 # no name has a space
        job guest "$group" "part$part" "$kernel" "${@:4}" \
            $(printf '%s\n' "${named[@]}" | awk -v n="$n" -v part="$part" 'NR % n == part')
    done
}

cases_job() {
    local share
    share_of "$2"
    if [[ -n ${items[vm]-} ]]; then
        in_parts vm "$1" 1000
    elif [[ -n ${on[vm]-} || $change = yes ]]; then
        in_parts vm "$1" 16
    else
        job guest vm all "$1" "${share[@]}"
    fi
}

attacks_job() {
    local share=()
    [[ $share_attacks = no ]] || share_of "$2"
    if [[ -n ${items[attacks]-} ]]; then
        in_parts attacks "$1" 1000 --attacks
    elif [[ -n ${on[attacks]-} || $change = yes ]]; then
        in_parts attacks "$1" 25 --attacks
    else
        job guest attacks all "$1" "${share[@]}" --attacks
    fi
}

# boots_jobs KERNEL NUMBER: those with the same command line that leave each other alone share a
# guest, but for who asks for one by its name.
boots_jobs() {
    local name
    if [[ -n ${items[boots]-} ]]; then
        while read -r name; do
            job boots_guest "$1" "$name"
        done < <(wanted boots)
        return
    fi
    job boots_guest "$1" ima
    job boots_guest "$1" other-rings last-fence
    for name in ima-taken initrd initrd-broken initrd-stops no-bpf-lsm; do
        job boots_guest "$1" "$name"
    done
    job boots_guest "$1" way-out
    [[ $2 != 0 ]] || job boots_guest "$1" other-rings-late
    [[ $2 != 0 ]] || job boots_guest "$1" ima-log
}

# The groups, for who asks for them by name.
check_vm() { :; }
check_attacks() { :; }
check_boots() { :; }

# --- mutants ------------------------------------------------------------------------------------

# The same in a guest that can do nothing else afterwards.
mutate_boot() {
    local kernel=$1 hook=$2 name=$3 noticed boot_options=("${@:4}")
    noticed=$(boot mutate "$hook" "$kernel" "${boot_options[@]}" -- \
        env WITHOUT="$hook" bash "/root/tests/boot/$name.sh" | grep -m 1 '^not ok')
    if [[ -n $noticed ]]; then
        printf 'ok %s mutate %s: %.200s\n' "$kernel" "$hook" "${noticed#not ok }"
    else
        printf 'not ok %s mutate %s: no test misses it\n' "$kernel" "$hook"
    fi
}

# Each hook left out in turn: the attacks, cases or boots that name it in a line
# "# hooks: ..." must notice. Not mmap_backing_file, which looks a second time at what another has
# granted: no test can miss it while the first look is right. Nor binder_transfer_file: Debian's
# kernels for guests have no binder.
check_mutate() {
    local kernel hooks lines
    for kernel in "${kernels[@]}"; do
        mapfile -t hooks < <(sed -n 's/^HOOK(\([a-z_]*\),.*/\1/p' bpf/contract/hooks.def |
            grep -vxE 'cgroup_bpf|bprm_creds_from_file|mmap_backing_file|binder_transfer_file')
        mutate_boot "$kernel" cgroup_bpf last-fence
        mutate_boot "$kernel" bprm_creds_from_file ima --append ima_appraise=log
        while [[ ${#hooks[@]} -gt 0 ]]; do
            lines=$(guest mutate all "$kernel" --mutate "${hooks[@]}" | tee /dev/stderr |
                grep -c ' mutate ')
            hooks=("${hooks[@]:lines}")
            [[ $lines -gt 0 ]] || { echo "not ok $kernel mutate: the guest ended"; break; }
        done
    done
}
