# ruff: noqa: E402 (threads are limited before numpy is loaded)
"""Learning curves under a budget of training: what ending hopeless trials early saves.

    python -m benchmarks.quality.stopping --data DIR --suite lcbench --searchers ours,random_asha --seeds 5

Workers train asynchronously in virtual time, one unit a step. The budget is `--full` complete trainings, shared by
`--parallel` workers. A method is judged by the configuration it would hand over: the best of those trained to the end,
before there is one the best seen anywhere. Normalised regret × 100: 0 the best known final value, 100 the median one.
"""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.quality import curves, tuners
from benchmarks.quality.curves import CurveTask

Job = tuple[str, str, int]
MARKS = (0.125, 0.25, 0.5, 1.0)


@cache
def tasks(data: Path) -> dict[str, CurveTask]:
    return {task.name: task for task in [*curves.lcbench(data), *curves.taskset(data)]}


def run(job: Job, data: Path, parallel: int, full: int) -> dict[str, Any]:
    name, tuner, seed = job
    task = tasks(data)[name]
    warnings.simplefilter("ignore")
    spent, regret, trials = tuners.course(task, tuners.build(tuner, task, seed), parallel, full * task.steps)
    return {
        "task": name, "suite": task.suite, "searcher": tuner, "seed": seed, "parallel": parallel, "full": full,
        "spent": [round(each / task.steps, 4) for each in spent], "regret": [round(each, 4) for each in regret],
        "trials": trials,
    }  # fmt: skip


def table(rows: list[dict[str, Any]], full: int) -> str:
    """Per suite and tuner: mean regret ± standard error over tasks' seeds at shares of the budget, trials begun."""
    lines = [f"{'suite':10}{'searcher':18}" + "".join(f"{f'@{full * mark:g}':>15}" for mark in MARKS) + "  trials"]
    for suite in sorted({row["suite"] for row in rows}):
        for tuner in dict.fromkeys(row["searcher"] for row in rows):
            mine = [row for row in rows if (row["suite"], row["searcher"]) == (suite, tuner)]
            cells = (_cell([at(row, mark * full) for row in mine]) for mark in MARKS)
            lines.append(f"{suite:10}{tuner:18}{''.join(cells)}  {np.mean([row['trials'] for row in mine] or [0]):.0f}")
    return "\n".join(lines)


def at(row: dict[str, Any], budget: float) -> float:
    """Regret once `budget` full trainings were spent; 100 before anything is known."""
    place = int(np.searchsorted(row["spent"], budget, side="right"))
    return float(row["regret"][place - 1]) if place else 100.0


def savings(rows: list[dict[str, Any]], ours: str, full: int) -> Iterator[str]:
    """Of unstopped random search's budget, the share with which `ours` reaches its loss: the median over tasks."""
    for suite in sorted({row["suite"] for row in rows}):
        shares = []
        for name in sorted({row["task"] for row in rows if row["suite"] == suite}):
            mine = [row for row in rows if row["task"] == name and row["searcher"] == ours]
            plain = [at(row, full) for row in rows if row["task"] == name and row["searcher"] == "random"]
            if mine and plain:
                goal = float(np.mean(plain))
                grid = np.geomspace(0.5, full, 200)
                mean = np.mean([[at(row, budget) for budget in grid] for row in mine], axis=0)
                reached = np.flatnonzero(mean <= goal)
                shares.append(grid[reached[0]] / full if len(reached) else np.inf)
        if shares:
            yield f"{suite}: {ours} reaches random's loss at B with B/{1 / np.median(shares):.1f} (median over tasks)"


def _cell(values: list[float]) -> str:
    if not values:
        return f"{'-':>15}"
    return f"{np.mean(values):>8.1f} ± {np.std(values) / max(1, len(values) - 1) ** 0.5:<4.1f}"


def main() -> None:
    options = _options()
    known = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    have = {(row["task"], row["searcher"], row["seed"]): row for row in known if row["full"] == options.full}
    wanted = [name for name, task in tasks(options.data).items() if {task.suite, name} & {*options.suite.split(",")}]
    searchers = options.searchers.split(",")
    every = [(name, tuner, seed) for seed in range(options.seeds) for name in wanted for tuner in searchers]
    with ProcessPoolExecutor(options.processes) as pool:
        missing = [job for job in every if job not in have]
        futures = {pool.submit(run, job, options.data, options.parallel, options.full): job for job in missing}
        for future in as_completed(futures):
            have[futures[future]] = future.result()
            with options.out.open("a") as file:
                file.write(json.dumps(future.result()) + "\n")
    rows = [have[job] for job in every]
    print(tuners.versions())
    print(table(rows, options.full))
    print("\n".join(savings(rows, searchers[0], options.full)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.stopping", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of recorded trainings with its loader.py")
    parser.add_argument("--suite", default="lcbench,taskset", help="suites or tasks, separated by commas")
    parser.add_argument("--searchers", default=",".join(tuners.NAMES))
    parser.add_argument("--parallel", type=int, default=16)
    parser.add_argument("--full", type=int, default=40, help="the budget, in complete trainings")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path("stopping.jsonl"), help="keeps the courses, one a line")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
