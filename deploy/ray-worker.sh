#!/usr/bin/env bash
# A Ray worker that joins the head at RAY_HEAD (host:port). RAY_CPUS, RAY_GPUS: what Ray may use of this node, all of it
# where they are empty. Arguments are further options of `ray start`.
set -euo pipefail
exec ray start --address="$RAY_HEAD" --block \
    ${RAY_CPUS:+--num-cpus="$RAY_CPUS"} ${RAY_GPUS:+--num-gpus="$RAY_GPUS"} "$@"
