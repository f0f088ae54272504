# Puts the words of bpf/reasons.def and bpf/ops.def into a man page, at the lines @reasons@ and @ops@:
#   awk -f words.awk reasons.def ops.def PAGE.scd

function plain(text) {
    gsub(/[\\*_]/, "\\\\&", text)
    return text
}

FNR == 1 { file++ }

/^(REASON|OP)\(/ && file < 3 {
    split($0, part, "\"")
    if (part[2] == "none")
        next
    words[file] = words[file] "*" part[2] "*\n\t" plain(part[4]) (part[6] != "" ? "; cure: " plain(part[6]) : "") "\n\n"
}

file == 3 && /^@reasons@$/ { printf "%s", words[1]; next }
file == 3 && /^@ops@$/ { printf "%s", words[2]; next }
file == 3
