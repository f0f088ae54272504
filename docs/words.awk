# Puts the words of the tables into a man page, at the lines @reasons@, @ops@, @integrity@, @confidentiality@, @fields@ (of
# the text), @json-fields@ (of the JSON alone) and @journal-fields@:
#   awk -f words.awk reasons.def ops.def lockdown.def fields.def PAGE.scd

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

/^FIELD\(/ && file == 4 {
    split($0, part, "\"")
    entry = "\n\t" toupper(substr(part[6], 1, 1)) plain(substr(part[6], 2)) ".\n\n"
    if (part[5] ~ /TEXT/)
        words["text"] = words["text"] "*" plain(part[2]) "*" entry
    if (part[5] !~ /TEXT/ || part[2] != part[4])
        words["json"] = words["json"] "*" plain(part[4]) "*" (part[5] ~ /TEXT/ ? "\n\tAs *" part[2] "* of the text.\n\n" : entry)
    if (part[5] ~ /JOURNALD/)
        words["journal"] = words["journal"] (words["journal"] ? ", " : "") "*" plain(toupper(part[2])) "*"
}

file == 5 && /^@reasons@$/ { printf "%s", words[1]; next }
file == 5 && /^@ops@$/ { printf "%s", words[2]; next }
file == 5 && /^@integrity@$/ { printf "%s", words[3]; next }
file == 5 && /^@confidentiality@$/ { printf "%s", words["3c"]; next }
file == 5 && /^@fields@$/ { printf "%s", words["text"]; next }
file == 5 && /^@json-fields@$/ { printf "%s", words["json"]; next }
file == 5 && /^@journal-fields@$/ { print words["journal"] "."; next }
file == 5
