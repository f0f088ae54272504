# shellcheck shell=bash
# Where Debian packages come from: the mirror this machine already uses, read out of its own apt
# configuration, through a private apt state so that the host's sources and lists stay as they are.

# mirrors: "URI SUITE main" for each suite of Debian 12 that this machine's apt knows.
mirrors() {
        local found
        # shellcheck disable=SC2016  # these are apt's variables
        found=$(apt-get indextargets --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
                sed -n 's/^Packages \(.* bookworm[-a-z]* main\)$/\1/p' | sort -u)
        [[ $found == *' bookworm main'* ]] ||
                die "apt on this machine knows no suite 'bookworm main'; the rig needs a Debian 12 host"
        printf '%s\n' "$found"
}

# host_sources: sources.list lines of Debian 12, updates and security included.
host_sources() {
        mirrors | sed 's/^/deb /'
}

# suite_sources SUITE: the same for another suite, from the same mirror.
suite_sources() {
        mirrors | sed -n "s/^\\([^ ]*\\) bookworm main\$/deb \\1 $1 main/p" | sed 1q
}

# apt_open DIR SOURCES: a private apt in DIR that knows the lines SOURCES. After it, use papt.
apt_open() {
        mkdir -p "$1/lists/partial" "$1/archives/partial"
        printf '%s\n' "$2" >"$1/sources.list"
        cat >"$1/apt.conf" <<CONF
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$1/lists";
Dir::State::status "/dev/null";
Dir::Cache "$1";
Dir::Log "$1";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
CONF
        private_apt=$1/apt.conf
        quietly 'apt-get update' papt get -qq --error-on=any update
}

# papt get|cache ARG…: apt-get or apt-cache on the private state.
papt() {
        APT_CONFIG=$private_apt "apt-$1" "${@:2}"
}

# unpack WORK PACKAGE…: WORK/tree becomes what is in them.
unpack() {
        local work=$1 deb
        mkdir "$work/debs" "$work/tree"
        (cd "$work/debs" && quietly 'apt-get download' papt get -qq download "${@:2}")
        for deb in "$work"/debs/*.deb; do
                dpkg-deb -x "$deb" "$work/tree"
        done
}
