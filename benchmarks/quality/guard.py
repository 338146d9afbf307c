# ruff: noqa: E402 (threads are limited before numpy is loaded)
"""The short form for every change: `python -m benchmarks.quality.guard` fails when coarse-to-fine is not clearly better
than random search and than TPE, by a paired statistic on the same tasks and seeds."""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product

from benchmarks.quality import report
from benchmarks.quality.__main__ import run

TASKS = ("sphere6", "ellipsoid3", "valley6", "mixed", "tree", "ackley6", "few10", "rosenbrock3")
PEERS = ("random", "tpe")
SEEDS, PARALLEL, BUDGET = 3, 8, 60


def main() -> int:
    jobs = list(product(TASKS, ("coarse_to_fine", *PEERS), range(SEEDS)))
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(run, jobs, [None] * len(jobs), [PARALLEL] * len(jobs), [BUDGET] * len(jobs)))
    print(report.table(rows, [30, BUDGET]))
    worse = 0
    for peer in PEERS:
        mean, error, _ = report.difference(rows, "coarse_to_fine", peer, BUDGET)
        print(report.paired(rows, "coarse_to_fine", peer, BUDGET))
        worse += mean + 1.65 * error >= 0
    return int(worse > 0)


if __name__ == "__main__":
    sys.exit(main())
