#!/usr/bin/env bash
# All tests, two at a time. A few that failed are run once more, alone: a test of processes or of a browser races a busy
# machine. One that fails alone as well has failed; one that passes alone is named, so that it gets mended.
set -uo pipefail
cd "$(dirname "$0")/.."
py=.venv/bin/python
most_again=8

"$py" -m pytest -n 2 --dist loadgroup -q "$@" && exit 0
failed=$("$py" -c 'import json; print(*json.load(open(".pytest_cache/v/cache/lastfailed")), sep="\n")' 2>/dev/null) || exit 1
[ -n "$failed" ] && [ "$(wc -l <<<"$failed")" -le "$most_again" ] || exit 1
printf 'test: once more, alone:\n%s\n' "$failed"
"$py" -m pytest -q --last-failed --last-failed-no-failures none "$@" || exit 1
echo "test: passed alone, though not beside others; look into them"
