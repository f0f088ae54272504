#!/bin/sh
# Command lines: help, version, what is wrong with them and in which words.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

expect help 0 'usage: bpfsign COMMAND' --help
expect version 0 'bpfsign ' --version
expect no-command 2 'a command is missing'
expect unknown-command 2 "unknown command 'sing'; did you mean 'sign'?" sing
expect far-command 2 "unknown command 'xyzzyxyzzy'; try 'bpfsign --help'" xyzzyxyzzy
for command in keygen enroll unenroll rotate export keys seal unseal sign settle verify order inspect; do
    expect "help-$command" 0 "usage: bpfsign $command" "$command" --help
    expect "unknown-option-$command" 2 "unknown option '--xyzzyxyzzy'; try 'bpfsign $command --help'" \
        "$command" --xyzzyxyzzy
done
expect near-option 2 "unknown option '--forec'; did you mean '--force'?" sign --forec x
expect no-abbreviation 2 "unknown option '--forc'; did you mean '--force'?" sign --forc x
expect unknown-letter 2 "unknown option '-z'" sign -z
expect no-value 2 "option '--key' needs a value" sign x --key
expect no-value-letter 2 "option '-k' needs a value" sign x -k
expect no-operand 2 'FILE… is missing' sign --key x
expect seal-too-many 2 '1 arguments are too many' seal x
expect too-many 2 '2 arguments are too many' unenroll a b
expect end-of-options 3 "can't open '--help'" verify -- --help
# shellcheck disable=SC2016  # the inner shell expands it
check full-disk sh -c '"$1" --help >/dev/full; [ $? = 3 ]' - "$bpfsign"

# Registers are read as x86-64 has them: elsewhere it is said, and no start tried.
setarch i686 "$bpfsign" status >.status 2>/dev/null
check status-other-processor grep -qF '[no]  processor   the kernel runs on x86-64, whose registers we read (i686)' .status
check status-other-processor-cure grep -qF 'cure: there is no enforcement on other processors yet; sign and verify work' .status

exit $failed
