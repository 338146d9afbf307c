#!/bin/sh
# A program of your own asks Caviar what to try, trains it itself, and tells what came out: three calls, any language.
# No agent takes part. Run it on as many machines as you like, each with its own name.
#
#   caviar up                                    # in another terminal
#   export CAVIAR_URL=http://127.0.0.1:8700
#   export CAVIAR_TOKEN=$(cat ~/.local/share/caviar/admin-token)
#   sh examples/external/run.sh                  # needs curl and jq
set -eu
here=$(cd "$(dirname "$0")" && pwd)
api="${CAVIAR_URL:-http://127.0.0.1:8700}/api/v1"
client="${1:-$(hostname)}"
: "${CAVIAR_TOKEN:?is not set: see the head of this file}"

post() { # PATH, JSON
    curl --silent --show-error --fail-with-body --header "Authorization: Bearer $CAVIAR_TOKEN" \
        --json "$2" "$api/$1"
}

get() { # PATH
    curl --silent --show-error --fail-with-body --header "Authorization: Bearer $CAVIAR_TOKEN" "$api/$1"
}

# Trains one configuration, reports each step, and ends early when the answer to a report is not "continue".
train() { # ID, PARAMS
    set -- "$1" $(echo "$2" | jq -r '.learning_rate, .momentum, .l2')
    sh "$here/../any-language/train.sh" "$2" "$3" "$4" | while read -r line; do
        report=$(echo "$line" | jq -c '{step, metrics: {val_loss, val_error}}')
        verdict=$(post "trials/$1/report" "$report" | jq -r .verdict)
        [ "$verdict" = continue ] || break
    done
}

# The study is made by whoever comes first; a second machine joins it by its name.
study=$(get "studies/external" 2>/dev/null | jq -r 'select(.state == "running" or .state == "queued") | .id') || true
[ -n "${study:-}" ] || study=$(post studies "$(cat "$here/study.json")" | jq -r .id)
echo "study $study"

unfinished() {
    get "studies/$study" | jq -e '.state == "queued" or .state == "running"' >/dev/null
}

while unfinished; do
    trial=$(post "studies/$study/ask" "{\"count\": 1, \"client\": \"$client\"}" | jq -c '(.items // .)[0] // empty')
    [ -n "$trial" ] || { sleep 1 && continue; } # others are at the last trials, or the search is thinking
    id=$(echo "$trial" | jq -r .id)
    echo "trial $(echo "$trial" | jq -c '.number, .params' | tr '\n' ' ')"
    train "$id" "$(echo "$trial" | jq -c .params)"
    post "trials/$id/complete" '{"metrics": {}}' >/dev/null # the last report counts; {"failed": {...}} tells a failure
done

get "studies/$study" | jq .best
