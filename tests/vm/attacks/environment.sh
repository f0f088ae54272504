# Variables that make an interpreter run code, or give a prompt, inside a signed script.
# hooks: bprm_committed_creds
# once: the hooks of an exec are those of script.sh
variables=(PERL5OPT=-Mstrict PERL5LIB=/tmp PYTHONINSPECT=1 PYTHONPATH=/tmp BASH_ENV=/tmp/x ENV=/tmp/x RUBYOPT=-w LUA_INIT=x)

prepare() {
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/perl >/dev/null
    sign_libraries /usr/bin/perl
    printf '#!/usr/bin/perl\nmy $map = pack("LLLL x56", 2, 4, 8, 1);\nexit(syscall(321, 0, $map, 72) < 0 ? 1 : 0);\n' \
        >"$WORK/environment-tool"
    chmod +x "$WORK/environment-tool"
    sign environment-tool
}
entries() {
    echo '  environment-tool: {signer: acme, load: {types: [xdp]}}'
}
baseline() {
    for each in "${variables[@]}"; do exits 0 "$each" env "$each" "$WORK/environment-tool"; done
}
denied() {
    for each in "${variables[@]}"; do
        exits 1 "$each" env "$each" "$WORK/environment-tool"
        line "… says which" "reason: environment variable: ${each%=*}"
    done
    long=$(head -c 100000 /dev/zero | tr '\0' x)
    exits 1 "behind long ones" env "A=$long" "B=$long" PERL5DB=x "$WORK/environment-tool"
    line "… says which" "variable: PERL5DB"
}
control() {
    long=$(head -c 100000 /dev/zero | tr '\0' x)
    exits 0 "other variables" env PERSON=1 ENVIRONMENT=1 LANG=C PATH=/tmp "A=$long" "$WORK/environment-tool"
    exits 0 "such words among its arguments" "$WORK/environment-tool" PYTHONPATH=/tmp "$long" ENV=x
}
