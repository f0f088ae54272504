# shellcheck shell=bash
# The host's end of the two channels out of the guest: what the command wrote, and how it ended. A
# status counts only when all the output that goes with it has arrived.

# relay OUTPUT STATUS: copies from the FIFO OUTPUT to stdout as it comes. On the FIFO STATUS it awaits
# "status S after N bytes"; when N bytes have passed it writes S and a newline to fd 3 and returns.
# It returns without a word when the guest closes both. A reader of ours that has gone away is no
# reason to disturb the guest: what it would have read is dropped.
relay() {
        # shellcheck disable=SC2016  # these are perl's variables
        perl -e '
                use Fcntl;
                $SIG{PIPE} = $SIG{INT} = "IGNORE";
                my ($passed, $said) = (0, "");
                sysopen(my $output, $ARGV[0], O_RDONLY | O_NONBLOCK) or die "$ARGV[0]: $!";
                sysopen(my $status, $ARGV[1], O_RDONLY | O_NONBLOCK) or die "$ARGV[1]: $!";
                while ($output || $status) {
                        my $r = "";
                        vec($r, fileno($_), 1) = 1 for grep { $_ } $output, $status;
                        next if select($r, undef, undef, undef) < 0;
                        if ($output && vec($r, fileno($output), 1)) {
                                my $n = sysread($output, my $buf, 65536);
                                $output = undef if defined $n && $n == 0;
                                $passed += $n // 0;
                                for (my $off = 0; $n && $off < $n; ) {
                                        $off += syswrite(STDOUT, $buf, $n - $off, $off) // last;
                                }
                        }
                        if ($status && vec($r, fileno($status), 1)) {
                                my $n = sysread($status, $said, 100, length $said);
                                $status = undef if defined $n && $n == 0;
                        }
                        if ($said =~ /^status (\d+) after (\d+) bytes\n\z/ && $passed >= $2) {
                                open(my $to, ">&=3") or die "fd 3: $!";
                                syswrite($to, "$1\n");
                                exit 0;
                        }
                }' "$1" "$2"
}
