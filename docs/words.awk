# Puts the words of bpf/contract/reasons.def, bpf/contract/ops.def and bpf/contract/lockdown.def into a man page, at the lines
# @reasons@, @ops@, and @integrity@ and @confidentiality@:
#   awk -f words.awk reasons.def ops.def lockdown.def PAGE.scd

function plain(text) {
    gsub(/[\\*_]/, "\\\\&", text)
    return text
}

FNR == 1 { file++ }

/^(REASON|OP|LOCKDOWN)\(/ && file < 4 {
    split($0, part, "\"")
    if (part[2] == "none")
        next
    list = file (part[3] ~ /CONFIDENTIALITY/ ? "c" : "")
    words[list] = words[list] "*" part[2] "*\n\t" plain(part[4]) (part[6] != "" ? "; cure: " plain(part[6]) : "") "\n\n"
}

file == 4 && /^@reasons@$/ { printf "%s", words[1]; next }
file == 4 && /^@ops@$/ { printf "%s", words[2]; next }
file == 4 && /^@integrity@$/ { printf "%s", words[3]; next }
file == 4 && /^@confidentiality@$/ { printf "%s", words["3c"]; next }
file == 4
