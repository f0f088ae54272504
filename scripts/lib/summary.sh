# shellcheck shell=bash
# What a run of scripts/check leaves to be read: each failure with its place, its log and the
# command that repeats it.

# with_origin GROUP [KERNEL [KEPT]]: passes on the lines of a group. Behind each "not ok": the
# command that repeats it, and where console and log are KEPT. "# item NAME" says to which item the
# lines after it belong.
with_origin() {
    awk -v group="$1" -v kernel="${2-}" -v kept="${3-}" '
        function origin() {
            printf "#   repeat: scripts/check %s%s%s\n", kernel ? "--kernel " kernel " " : "",
                group, item ? ":" item : ""
            if (kept) printf "#   console and log: %s\n", kept
        }
        pending && !/^#   / { origin(); pending = 0 }
        /^# item / { item = $3; next }
        /^(ok|not ok|skip) / && kernel { sub(/^(not )?ok |^skip /, "&" kernel " ") }
        { print; fflush() }
        /^not ok / { pending = 1 }
        END { if (pending) origin() }'
}

# summary LOG: what failed or was skipped, and the last line; its status is 1 when anything failed.
summary() {
    awk '
        /^#   / { if (behind) { list = list "\n    " substr($0, 5) } next }
        { behind = 0 }
        /^ok / { passed++ }
        /^not ok / { failed++; list = list "\n  " $0; behind = 1 }
        /^skip / { skipped++; list = list "\n  " $0 }
        END {
            if (list) print "\nfailed or skipped:" list
            printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
            exit failed > 0
        }' "$1"
}
