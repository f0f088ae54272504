# shellcheck shell=bash
# What a run of scripts/check leaves to be read: each failure with its place, its log and the
# command that repeats it.

# with_origin GROUP [KERNEL [KEPT]]: passes on the lines of a group. Behind each "not ok": the
# command that repeats it, and where console and log are KEPT. "# item NAME" says to which item the
# lines after it belong.
with_origin() {
    # shellcheck disable=SC2016 # perl's variables
    perl -e '
        my ($group, $kernel, $kept) = @ARGV;
        my ($item, $pending) = ("", 0);
        $| = 1;
        sub origin {
            my $what = ($kernel ? "--kernel $kernel " : "") . $group . ($item ? ":$item" : "");
            print "#   repeat: scripts/check $what\n";
            print "#   console and log: $kept\n" if $kept;
            $pending = 0;
        }
        while (my $line = <STDIN>) {
            origin() if $pending && $line !~ /^#   /;
            if ($line =~ /^# item (\S+)/) { $item = $1; next }
            $line =~ s/^((?:not )?ok |skip )/$1$kernel / if $kernel;
            print $line;
            $pending = 1 if $line =~ /^not ok /;
        }
        origin() if $pending' "$1" "${2-}" "${3-}"
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
