#!/usr/bin/env bash
# Sets up what a target needs: `setup.sh python` makes .venv from requirements.lock, `setup.sh pages` installs the frontend's packages.
# Does nothing where nothing changed. What is missing is said in one sentence, and the exit status is 1.
set -euo pipefail
cd "$(dirname "$0")/.."

NEEDED_GB=8

fail() {
    echo "$1" >&2
    exit 1
}

digest_of() {
    cat "$@" | sha256sum | cut -d ' ' -f 1
}

# is_set_up STAMP FILES...: whether the stamp was written for the present content of the files.
is_set_up() {
    local stamp=$1
    shift
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(digest_of "$@")" ]
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed, and none was found; install it, or name it with PYTHON=/path/to/python."
}

check_disk() {
    local free_gb
    free_gb=$(($(df -Pk . | awk 'NR == 2 { print $4 }') / 1024 / 1024))
    [ "$free_gb" -ge "$NEEDED_GB" ] ||
        fail "Setting up needs $NEEDED_GB GB of free disk in $PWD, and there are $free_gb GB; free some and try again."
}

set_up_python() {
    local python stamp=.venv/.set-up
    ! is_set_up "$stamp" requirements.lock pyproject.toml || return 0
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "$python cannot make virtual environments; install its venv module (on Debian: apt-get install python3-venv)."
    if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        check_disk
        echo "Making .venv with $("$python" --version); installing takes a few minutes."
        "$python" -m venv --clear .venv
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e ".[server,train,dev]" ||
        fail "Installing the packages of requirements.lock failed; the lines above say why."
    digest_of requirements.lock pyproject.toml >"$stamp"
}

set_up_pages() {
    local stamp=frontend/node_modules/.set-up
    ! is_set_up "$stamp" frontend/package.json frontend/package-lock.json || return 0
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
        >/dev/null 2>&1 || fail "Node 20.19 or newer is needed, and $(node --version 2>/dev/null || echo none) was found; install it."
    command -v npm >/dev/null || fail "npm is needed to install the frontend's packages; install it beside Node."
    npm --prefix frontend ci --no-audit --no-fund --loglevel error ||
        fail "Installing the frontend's packages failed; the lines above say why."
    digest_of frontend/package.json frontend/package-lock.json >"$stamp"
}

case "${1:-}" in
python) set_up_python ;;
pages) set_up_pages ;;
*) fail "usage: scripts/setup.sh python|pages" ;;
esac
