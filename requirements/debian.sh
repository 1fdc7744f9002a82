#!/bin/bash
# What must come from Debian and not from a lock: `bash requirements/debian.sh PACKAGE...` installs those that are missing.
# It asks nobody for a password. Where it may not install, it names what is missing, all at once, and exits with 1.
set -euo pipefail
PYTHON=${PYTHON:-python3}

is_there() {
    case $1 in
    python3-venv) "$PYTHON" -c 'import ensurepip, venv' ;;            # Debian's python3 comes without ensurepip
    libatomic1) "$PYTHON" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' ;; # what drives the browser is linked to it
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

missing=()
for package in "$@"; do is_there "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

refuse() {
    echo "Missing: ${missing[*]}. $1 As root, then run make again:" >&2
    echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
}

as_root=()
command -v apt-get >/dev/null || refuse "These are Debian's names, and there is no apt-get here."
if [ "$(id -u)" != 0 ]; then
    as_root=(sudo -n)
    sudo -n true 2>/dev/null || refuse "They can be installed only by root, or by sudo without a password."
fi
echo "installing from Debian: ${missing[*]}"
# A list that cannot be fetched anew may still do. Another apt at work, as after a first boot, is waited for.
"${as_root[@]}" apt-get -qq update || true
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}" >/dev/null \
    || refuse "apt-get could not install: see above."
