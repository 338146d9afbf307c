"""The bare limit: `multiprocessing.Pool(2)` on one kind of work, nothing stored. Prints {"seconds": ...}."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import time

from benchmarks.overhead_code.train import digits, work

PROCESSES = 2


def run(job: tuple[str, dict[str, float]]) -> float:
    kind, params = job
    return work(kind, params, lambda _step, _loss: None)


def warm(_: int) -> None:
    """One short trial, so that everything is imported before the clock starts."""
    digits()
    work("network", {"learning_rate": 1e-3, "alpha": 1e-6}, lambda _step, _loss: None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--trials", type=int, required=True)
    arguments = parser.parse_args()
    draw = random.Random(0)
    jobs = [
        (arguments.kind, {"learning_rate": 10 ** draw.uniform(-3, -1.6), "alpha": 10 ** draw.uniform(-6, -2)})
        for _ in range(arguments.trials)
    ]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        if arguments.kind == "network":
            pool.map(warm, range(PROCESSES * 2), chunksize=1)
        began = time.perf_counter()
        pool.map(run, jobs, chunksize=1)
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
