# shellcheck shell=bash
# The host's end of the two channels out of the guest: what the command wrote, and how it ended. A
# status counts only when all the output that goes with it has arrived.

# relay OUTPUT STATUS CONSOLE: copies from the FIFO OUTPUT to stdout as it comes. On the FIFO STATUS
# it awaits "status S after N bytes"; when N bytes have passed it writes S and a newline to fd 3 and
# returns. It returns without a word when the guest closes both. A reader of ours that has gone away
# is no reason to disturb the guest: what it would have read is dropped. With UNTIL=TEXT in the
# environment, "0" is written as soon as the output or the file CONSOLE has held TEXT for LINGER
# seconds in which no status came; a status before TEXT is written as "unsaid S".
relay() {
        # shellcheck disable=SC2016  # these are perl's variables
        perl -e '
                use Fcntl;
                $SIG{PIPE} = $SIG{INT} = "IGNORE";
                my ($passed, $said, $held, $seen) = (0, "", "");
                my $until = $ENV{UNTIL} // "";
                open(my $result, ">&=3") or die "fd 3: $!";
                open(my $console, "<", $ARGV[2]) or die "$ARGV[2]: $!";
                sysopen(my $output, $ARGV[0], O_RDONLY | O_NONBLOCK) or die "$ARGV[0]: $!";
                sysopen(my $status, $ARGV[1], O_RDONLY | O_NONBLOCK) or die "$ARGV[1]: $!";
                sub look {
                        return if $until eq "" || defined $seen;
                        $held .= $_[0];
                        $seen = time if index($held, $until) >= 0;
                        substr($held, 0, -length $until) = "" if length $held > length $until;
                }
                my $shown = "";
                sub look_console {
                        return if $until eq "" || defined $seen;
                        while (sysread($console, $shown, 65536, length $shown)) { }
                        $seen = time if index($shown, $until) >= 0;
                }
                while ($output || $status) {
                        my $r = "";
                        vec($r, fileno($_), 1) = 1 for grep { $_ } $output, $status;
                        my $ready = select($r, undef, undef, $until eq "" ? undef : 0.3);
                        look_console();
                        if (defined $seen && time - $seen >= $ENV{LINGER}) {
                                syswrite($result, "0\n");
                                exit 0;
                        }
                        next if $ready <= 0;
                        if ($output && vec($r, fileno($output), 1)) {
                                my $n = sysread($output, my $buf, 65536);
                                $output = undef if defined $n && $n == 0;
                                $passed += $n // 0;
                                look($buf) if $n;
                                for (my $off = 0; $n && $off < $n; ) {
                                        $off += syswrite(STDOUT, $buf, $n - $off, $off) // last;
                                }
                        }
                        if ($status && vec($r, fileno($status), 1)) {
                                my $n = sysread($status, $said, 100, length $said);
                                $status = undef if defined $n && $n == 0;
                        }
                        if ($said =~ /^status (\d+) after (\d+) bytes\n\z/ && $passed >= $2) {
                                my $said = $until eq "" || defined $seen ? $1 : "unsaid $1";
                                syswrite($result, "$said\n");
                                exit 0;
                        }
                }' "$1" "$2" "$3"
}
