#!/usr/bin/env bash
# Makes .venv with the locked dependencies and this project installed in place; does nothing when that is already so.
# uv is used where it is present, else python3 -m venv and pip. The machine's own package settings apply to both.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp=.venv/.caviar-stamp

fail() { echo "bootstrap: $*" >&2; exit 1; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
    done
    fail "Python 3.11 or newer is needed; set PYTHON=/path/to/python3 if it is not on the PATH"
}

python=$(find_python)
wanted=$(cat requirements.lock pyproject.toml scripts/bootstrap.sh | "$python" -c 'import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
wanted="$wanted $PWD $("$python" -c 'import platform; print(platform.python_version())')"
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0

echo "bootstrap: installing the locked dependencies into .venv (once)"
rm -rf .venv
if command -v uv >/dev/null 2>&1; then
    uv venv -q --python "$(command -v "$python")" .venv
    export VIRTUAL_ENV="$PWD/.venv"
    uv pip install -q --require-hashes -r requirements.lock
    uv pip install -q --no-deps --no-build-isolation -e .
else
    "$python" -m venv .venv || fail "python3 -m venv does not work here; on Debian and Ubuntu: apt-get install python3-venv"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
echo "$wanted" > "$stamp"
