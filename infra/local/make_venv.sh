#!/bin/sh
# Makes the virtual environment $1 with a Python of 3.11 or newer, with pip in it.
# PYTHON names another interpreter than those looked for.
set -eu
target=$1

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
        # A version manager's shim is on the path and still does not run: ask it, do not look for it.
        if [ -n "$candidate" ] && is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "No Python 3.11 or newer was found. Install one (python.org, or your system's packages)," >&2
    echo "or name one: make PYTHON=/path/to/python3.12" >&2
    return 1
}

has_venv() {
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1
}

can_install_venv() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# Debian and Ubuntu take venv and ensurepip out of Python and into packages of their own.
make_without_venv() {
    if command -v uv >/dev/null; then
        uv venv --quiet --seed --python "$python" "$target"
    elif command -v virtualenv >/dev/null; then
        virtualenv --quiet --python "$python" "$target"
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --target "$target/bootstrap" --require-hashes \
            -r "$(dirname "$0")/virtualenv.txt"
        PYTHONPATH="$target/bootstrap" "$python" -m virtualenv --quiet "$target"
        rm -rf "$target/bootstrap"
    elif can_install_venv; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt-get update -qq
        apt-get install -y -qq "python$version-venv"
        "$python" -m venv "$target"
    else
        echo "$python cannot make a virtual environment." >&2
        echo "Install its venv (Debian, Ubuntu: sudo apt-get install python3-venv), or uv, or virtualenv." >&2
        return 1
    fi
}

python=$(find_python)
rm -rf "$target"
if has_venv; then
    "$python" -m venv "$target"
else
    make_without_venv
fi
