"""`python -m benchmarks.storms --seeds 20000 [--from 0] [--processes 2]`: plays storms and prints those that violate an
invariant, each to be repeated by `--from SEED --seeds 1`. Exits with 1 when there is one."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.storm.run import Outcome, play

TOGETHER = 50


def main() -> int:
    options = _options()
    began = time.monotonic()
    chunks = [range(at, min(at + TOGETHER, options.end)) for at in range(options.first, options.end, TOGETHER)]
    with ProcessPoolExecutor(options.processes) as pool:
        outcomes = [each for chunk in pool.map(_played, chunks) for each in _shown(chunk, trace=options.trace)]
    violations = sum(outcome.violation is not None for outcome in outcomes)
    virtual = sum(outcome.virtual_seconds for outcome in outcomes)
    print(
        f"{len(outcomes)} seeds, {violations} violations; {sum(each.events for each in outcomes)} events in "
        f"{virtual / 3600:.1f} virtual hours, {sum(each.store_failures for each in outcomes)} failures of the store; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if violations else 0


def _played(seeds: Iterable[int]) -> list[Outcome]:
    return list(play(seeds))


def _shown(outcomes: list[Outcome], *, trace: bool) -> list[Outcome]:
    for outcome in outcomes:
        if trace or outcome.violation is not None:
            print(outcome.seed, outcome.trace, outcome.violation or "holds", flush=True)
    return outcomes


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storms", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trace", action="store_true", help="print every seed's trace")
    options = parser.parse_args()
    options.end = options.first + options.seeds
    return options


if __name__ == "__main__":
    sys.exit(main())
