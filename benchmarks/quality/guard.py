# ruff: noqa: E402 (threads are limited before numpy is loaded)
"""The short form for every change: `python -m benchmarks.quality.guard` fails when coarse-to-fine is not clearly better
than random search and than TPE, by a paired statistic on the same tasks and seeds."""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product

from benchmarks.quality import report
from benchmarks.quality.__main__ import run

TASKS = ("sphere6", "ellipsoid3", "valley6", "mixed", "tree", "ackley6", "few10", "rosenbrock3")
OURS = "coarse_to_fine"
PEERS = ("random", "tpe")
SEEDS, PARALLEL, BUDGET = 3, 8, 60


def main() -> int:
    jobs = list(product(TASKS, (OURS, *PEERS), range(SEEDS)))
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(run, jobs, [None] * len(jobs), [PARALLEL] * len(jobs), [BUDGET] * len(jobs)))
    print(report.table(rows, [30, BUDGET]))
    for peer in PEERS:
        print(report.paired(rows, OURS, peer, BUDGET))
    return int(bool(not_beaten(rows, BUDGET)))


def not_beaten(rows: Sequence[report.Row], mark: int, deviations: float = 1.65) -> list[str]:
    """The peers whose mean regret on the same tasks and seeds is not above ours by so many standard errors (95%)."""
    found = {peer: report.difference(rows, OURS, peer, mark) for peer in PEERS}
    return [peer for peer, (mean, error, _) in found.items() if not mean + deviations * error < 0]


if __name__ == "__main__":
    sys.exit(main())
