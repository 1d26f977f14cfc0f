# Sourced by the scripts: goes to the repository's root, and sees to the toolchain and the system
# packages that the build needs (Debian and Ubuntu; elsewhere it only says what is missing).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
export SWIFT_BACKTRACE="${SWIFT_BACKTRACE:-enable=no}"

say() { printf '== %s\n' "$*" >&2; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# require_packages NAME...: installs those of the named Debian packages that are missing.
require_packages() {
    command -v dpkg-query >/dev/null || {
        say "no dpkg here: these must be present by other means: $*"
        return 0
    }
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$name")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0
    say "installing ${missing[*]}"
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive \
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

require_swift() {
    command -v swift >/dev/null ||
        fail "no 'swift' on the PATH: install Swift 6.3 or later from https://swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" = 6.3 ] ||
        fail "Swift 6.3 or later is needed; 'swift' here is ${version:-of no known version}"
}

# python_environment REQUIREMENT...: a virtual environment with these PyPI packages; sets $python.
python_environment() {
    local name hash
    hash=$(printf '%s\n' "$@" | sha256sum | cut -c1-12)
    name="$root/.venv/$hash"
    if [ ! -e "$name/ready" ]; then
        require_packages python3-venv
        say "a Python environment with $*"
        rm -rf "$name"
        python3 -m venv "$name"
        "$name/bin/pip" install --quiet --disable-pip-version-check "$@"
        touch "$name/ready"
    fi
    python="$name/bin/python"
}

require_swift
require_packages libssl-dev libsodium-dev libsqlite3-dev pkg-config
