#!/usr/bin/env bash
# The one verdict on a change: format, lint, types, import arrows, fast tests.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/lint.sh
.venv/bin/python -m pytest -q -n 2 tests/unit
