# Trusted paths: `libraries: trusted-paths` lets in what lies below /usr/lib unsigned, which is weaker and says so;
# what lies elsewhere, and what is no library, is refused as ever.
# hooks: mmap_file file_post_open
# once: who is entitled is our own decision

prepare() {
    copy trusting "$TESTS/bin/code" && sign trusting
    copy trusting-reader "$TESTS/bin/reader" && sign trusting-reader
    "$WORK/trusting" make /usr/lib/trusted-evil.so
    cp /usr/lib/trusted-evil.so "$WORK/evil.so"
    echo evil >/usr/lib/trusted-evil.txt
}

entries() {
    echo "  trusting: {signer: acme, load: {types: [xdp]}, libraries: trusted-paths, unsigned-files: [$WORK/*]}"
    echo '  trusting-reader: {signer: acme, load: {types: [xdp]}, libraries: trusted-paths}'
}

baseline() {
    says "run: 42" "a library elsewhere" "$WORK/trusting" file "$WORK/evil.so"
    says "content: evil" "a text there" "$WORK/trusting-reader" open /usr/lib/trusted-evil.txt
}

denied() {
    exits 1 "a library elsewhere" "$WORK/trusting" file "$WORK/evil.so"
    line "it says so" "pod: trusting op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
    exits 1 "a text there" "$WORK/trusting-reader" open /usr/lib/trusted-evil.txt
    line "it says so" "pod: trusting-reader op: read file: /usr/lib/trusted-evil.txt action: Denied"
}

control() {
    says "run: 42" "a library there" "$WORK/trusting" file /usr/lib/trusted-evil.so
    rm -f /usr/lib/trusted-evil.*
}
