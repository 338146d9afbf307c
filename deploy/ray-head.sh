#!/usr/bin/env bash
# Ray's head and beside it the agent. An agent that ends is started again and finds its slots at work; when Ray ends,
# so does this, and whoever runs it starts both again. Arguments are further options of `ray start`.
# RAY_HEAD: host:port to serve at; RAY_CPUS: CPUs of this node that Ray may use; CAVIAR_URL, CAVIAR_TOKEN: the service.
set -euo pipefail

ray start --head --block --port="${RAY_HEAD##*:}" --num-cpus="${RAY_CPUS:-0}" --include-dashboard=false "$@" &
ray=$!
agent=

finish() {
    trap '' TERM INT
    for process in $agent "$ray"; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" || true
    done
}
trap 'finish; exit 0' TERM INT

until ray health-check --address "$RAY_HEAD" >/dev/null 2>&1; do
    kill -0 "$ray" 2>/dev/null || { echo "ray-head: Ray did not start" >&2; exit 1; }
    sleep 1 & wait $!
done

while kill -0 "$ray" 2>/dev/null; do
    caviar agent --server "$CAVIAR_URL" --ray-address "$RAY_HEAD" &
    agent=$!
    wait -n "$ray" "$agent" || true
    sleep 2 & wait $!
done
finish
exit 1
