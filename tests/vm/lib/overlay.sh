# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Overlays for cases and attacks: sourced beside lib.sh.

# overlay NAME [OPTIONS]: an overlay of $WORK/NAME.lower and $WORK/NAME.upper at $WORK/NAME; with
# OPTIONS in place of lowerdir= and upperdir=.
overlay() {
    local name=$1
    mkdir -p "$WORK/$name".{lower,upper,work} "$WORK/$name"
    mount -t overlay "$name" "$WORK/$name" -o \
        "${2:-lowerdir=$WORK/$name.lower,upperdir=$WORK/$name.upper},workdir=$WORK/$name.work"
}

# layer NAME FILE [SOURCE]: a copy of the probe (or SOURCE) as FILE of the lower layer of NAME
layer() {
    mkdir -p "$WORK/$1.lower"
    copy "$1.lower/$2" "${3:-$TESTS/bin/probe}"
}
