#!/usr/bin/env bash
# All tests, two at a time. What fails among those that start real processes is run once more, alone: such a test races a
# busy machine, and one that fails alone as well has failed. A failure anywhere else stands.
set -uo pipefail
cd "$(dirname "$0")/.."
py=.venv/bin/python

"$py" -m pytest -n 2 --dist loadgroup -q "$@" && exit 0
echo "test: what failed among the tests of processes once more, alone"
"$py" -m pytest -q --last-failed --last-failed-no-failures none -m "not processes and not browser" "$@"
[ $? -eq 5 ] || exit 1
"$py" -m pytest -q --last-failed --last-failed-no-failures none -m "processes or browser" "$@"
