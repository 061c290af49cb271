#!/usr/bin/env bash
# Installs what the project needs, on Debian 12 and 13 and Ubuntu 24.04: scripts/lib/setup.sh SET…
#
#   base   compiler, CMake, Boost, Catch2, SQLite, libpq, OpenSSL, what the tool and the tests use,
#          a PostgreSQL server for scripts/lib/postgres.sh (no cluster is made, nothing is started)
#   bench  Google Benchmark
#   docs   Doxygen and Graphviz
#   format clang-format
#   ci     all of the above, and clang as second compiler
#
# Where everything is there already it does nothing, and then needs no rights.
# Debian 12 has Boost 1.74 and Catch2 2: both come from its own bookworm-backports there.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }

base=(g++ cmake ninja-build libboost1.83-dev libboost-serialization1.83-dev libboost-json1.83-dev
    catch2 libcli11-dev libfmt-dev python3 libsqlite3-dev libpq-dev libssl-dev postgresql)
bench=(libbenchmark-dev)
docs=(doxygen graphviz)
format=(clang-format-19)
ci=(clang-19 clang-tidy-19 libclang-rt-19-dev ccache pkg-config)

wanted=()
for set in "${@:-base}"; do
    case $set in
        base) wanted+=("${base[@]}") ;;
        bench) wanted+=("${base[@]}" "${bench[@]}") ;;
        docs) wanted+=("${docs[@]}") ;;
        format) wanted+=("${format[@]}") ;;
        ci) wanted+=("${base[@]}" "${bench[@]}" "${docs[@]}" "${format[@]}" "${ci[@]}") ;;
        *)
            say "no set '$set'; there are base, bench, docs, format and ci"
            exit 2
            ;;
    esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this system has no apt; make sure of: g++ 12 or later, CMake 3.25, Ninja, Boost 1.83,"
    say "Catch2 3.4, CLI11 2.1, fmt 9, Python 3, SQLite 3.37, OpenSSL 3, libpq 14 and PostgreSQL 14"
    say "(the rest of this script is skipped)"
    exit 0
fi

# the installed version of a package, nothing when it is not installed
version_of() {
    local line
    line=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null) || return 0
    [[ $line == installed\ * ]] && printf '%s' "${line#installed }"
    return 0
}

missing=()
for package in "${wanted[@]}"; do
    have=$(version_of "$package")
    # any server will do, whatever its version and wherever it is from
    if [[ $package == postgresql ]] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
        continue
    fi
    if [[ -z $have ]] || { [[ $package == catch2 ]] && dpkg --compare-versions "$have" lt 3.4; }; then
        missing+=("$package")
    fi
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        say "missing: ${missing[*]}"
        say "run this as root, or install sudo"
        exit 1
    fi
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 "$@" >&2
}

# The index targets of this machine's Debian sources: address, codename, label, file that names it.
sources() {
    apt-get indextargets --format '$(REPO_URI)|$(CODENAME)|$(LABEL)|$(SOURCESENTRY)' \
        'Created-By: Packages' | sort -u
}

# The backports of this machine's own mirror, under the same signing options as its other entries.
enable_backports() {
    local uri codename label entry file
    if sources | grep -q '|bookworm-backports|'; then
        return 0
    fi
    IFS='|' read -r uri codename label entry < <(sources | grep '|bookworm|Debian|' | head -n 1) || {
        say "no Debian 12 mirror among this machine's package sources"
        exit 1
    }
    : "$codename" "$label"
    uri=${uri%/}
    file=${entry%:*}
    say "adding bookworm-backports from $uri"
    if [[ $file == *.sources ]]; then
        {
            printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\n' "$uri"
            # of the stanza with this address: its signing fields, continuation lines included
            awk -v uri="$uri" '
                BEGIN { RS = ""; FS = "\n" }
                index($0 "\n", uri "\n") || index($0 "\n", uri "/\n") || index($0, uri " ") {
                    for (i = 1; i <= NF; i++) {
                        if ($i ~ /^[^ \t]/) keep = ($i ~ /^(Signed-By|Trusted|Check-Valid-Until):/)
                        if (keep) print $i
                    }
                    exit
                }' "$file"
        } | "${as_root[@]}" tee /etc/apt/sources.list.d/bookworm-backports.sources >/dev/null
    else
        local options
        options=$(sed -nE "s|^deb[ \t]+(\[[^]]*\])[ \t]+$uri/?[ \t]+bookworm[ \t].*|\1 |p" "$file" | head -n 1)
        printf 'deb %s%s bookworm-backports main\n' "$options" "$uri" |
            "${as_root[@]}" tee /etc/apt/sources.list.d/bookworm-backports.list >/dev/null
    fi
    apt update
}

say "installing: ${missing[*]}"
apt update
release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
if [[ $release == bookworm && " ${missing[*]} " == *' '@(libboost|catch2)* ]]; then
    enable_backports
    # Boost 1.83 exists only there; Catch2 has to be asked for, or the older one is chosen
    for i in "${!missing[@]}"; do
        if [[ ${missing[i]} == catch2 ]]; then
            missing[i]=catch2/bookworm-backports
            missing+=(libcatch2-dev/bookworm-backports)
        fi
    done
fi

# Debian's package makes a cluster and starts it, unless it is told not to while it installs
no_cluster=
if [[ " ${missing[*]} " == *' postgresql '* ]]; then
    no_cluster=/etc/postgresql-common/createcluster.d/patron-setup.conf
    "${as_root[@]}" mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
    trap '"${as_root[@]}" rm -f "$no_cluster"' EXIT
fi
apt install -y --no-install-recommends "${missing[@]}"
