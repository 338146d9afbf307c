# ruff: noqa: E402 (threads are limited before numpy is loaded)
"""Noisy trainings: which configuration to take in the end.

    python -m benchmarks.quality.noise --data DIR --seeds 10

On tables with several recorded seeds a configuration (fcnet), a trial sees one seed; what is recommended is judged by
the mean of all. Compared on the same budget: the best single result, the best by the model's smoothed value, and the
best mean of repeats, whose trials the search had to do without. Normalised regret × 100.
"""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.quality import recorded
from benchmarks.quality.tasks import Task

from caviar.search.in_process import Search

WAYS = ("best result", "smoothed", "repeats")


def regrets(task: Task, seed: int, budget: int, top: int, seeds: int) -> Iterator[tuple[str, float]]:
    plain = played(task, Search(task.space, seed=seed, trials=budget), seed)
    repeat = {"top": top, "seeds": seeds}
    again = played(task, Search(task.space, seed=seed, trials=budget, repeat=repeat), seed)
    chosen = {"smoothed": plain.recommended, "repeats": again.recommended}
    if plain.best is not None:
        yield "best result", _regret(task, plain, plain.best.number)
    for way, found in chosen.items():
        if found is not None:
            yield way, _regret(task, again if way == "repeats" else plain, found.number)


def played(task: Task, search: Search, seed: int) -> Search:
    """To the end of its budget, one trial at a time."""
    while asked := search.ask(1):
        suggestion = asked[0]
        params = {name: value for name, value in suggestion.params.items() if name in task.space}
        search.tell(suggestion.number, task.loss(params, suggestion.number + 1000 * seed))
        if suggestion.number + 1 == search.trials:
            break
    return search


def _regret(task: Task, search: Search, number: int) -> float:
    params = search.params(number)
    return task.regret(task.truth({name: params[name] for name in task.space}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.noise", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of recorded trainings with its loader.py")
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    for task in recorded.fcnet(options.data):
        rows = [
            dict(regrets(task, seed, options.budget, options.top, options.repeats)) for seed in range(options.seeds)
        ]
        for way in WAYS:
            values = np.array([row[way] for row in rows if way in row])
            spread = values.std() / max(1, len(values) - 1) ** 0.5
            print(f"{task.name:28}{way:14}{values.mean():8.2f} ± {spread:.2f}")


if __name__ == "__main__":
    main()
