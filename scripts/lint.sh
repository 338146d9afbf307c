#!/usr/bin/env bash
# What can be said of the code without running it: format, lint, types, import arrows.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff format --check -q . || { echo "lint: run 'make format'"; exit 1; }
.venv/bin/ruff check -q .
.venv/bin/mypy
arrows=$(.venv/bin/lint-imports --no-cache 2>&1) || { echo "$arrows"; exit 1; }
