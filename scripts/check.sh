#!/usr/bin/env bash
# The one verdict on a change: format, lint, types, import arrows, fast tests.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff format --check -q . || { echo "check: run 'make format'"; exit 1; }
.venv/bin/ruff check -q .
.venv/bin/mypy
.venv/bin/lint-imports --no-cache >/tmp/caviar-imports.$$ 2>&1 || { cat /tmp/caviar-imports.$$; rm -f /tmp/caviar-imports.$$; exit 1; }
rm -f /tmp/caviar-imports.$$
.venv/bin/python -m pytest -q tests/unit
