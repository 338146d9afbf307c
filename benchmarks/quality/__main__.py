# ruff: noqa: E402 (threads are limited before numpy is loaded)
"""Runs the comparison; every course is appended to --out as a JSON line, so that a run can be added to."""

from __future__ import annotations

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import argparse
import json
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.quality import peers, picture, recorded, report, synthetic, trainings
from benchmarks.quality.simulate import course
from benchmarks.quality.tasks import Task

Job = tuple[str, str, int]


@cache
def tasks(data: Path | None) -> dict[str, Task]:
    found = [*synthetic.tasks(), *trainings.tasks()]
    if data is not None:
        found += [*recorded.lcbench(data), *recorded.fcnet(data), *recorded.taskset(data)]
    return {task.name: task for task in found}


def wanted(names: list[str], data: Path | None) -> list[Task]:
    """Tasks by suite or name; a name may end in * ."""
    return [
        task for task in tasks(data).values()
        if any(n in (task.suite, task.name) or (n.endswith("*") and task.name.startswith(n[:-1])) for n in names)
    ]  # fmt: skip


def run(job: Job, data: Path | None, parallel: int, budget: int) -> dict[str, Any]:
    name, searcher, seed = job
    task = tasks(data)[name]
    warnings.simplefilter("ignore")
    done = course(task, peers.build(searcher, task.space, seed, budget, data), seed, parallel, budget)
    return {
        "task": name, "suite": task.suite, "searcher": searcher, "seed": seed, "parallel": parallel, "budget": budget,
        "regret": [round(value, 5) for value in done.regret], "mean_ms": done.mean_ms, "worst_ms": done.worst_ms,
    }  # fmt: skip


def main() -> None:
    options = _options()
    chosen = wanted(options.suite.split(","), options.data)
    searchers = options.searchers.split(",")
    rows = _known(options.out, options.parallel, options.budget)
    have = {(row["task"], row["searcher"], row["seed"]) for row in rows}
    every = [(task.name, searcher, seed) for seed in range(options.seeds) for task in chosen for searcher in searchers]
    jobs = [job for job in every if job not in have]
    with ProcessPoolExecutor(options.processes) as pool:
        futures = [pool.submit(run, job, options.data, options.parallel, options.budget) for job in jobs]
        for future in as_completed(futures):
            rows.append(future.result())
            _append(options.out, rows[-1])
    rows = [row for row in rows if (row["task"], row["searcher"], row["seed"]) in set(every)]
    marks = [mark for mark in (50, 100, 200, 500) if mark <= options.budget] or [options.budget]
    print(versions())
    print(report.table(rows, marks))
    for searcher in searchers[1:]:
        for mark in marks[-2:]:
            print(report.paired(rows, searchers[0], searcher, mark))
    if options.picture is not None:
        options.picture.write_text(picture.svg(rows))


def versions() -> str:
    """What was compared; what is not installed is not listed."""
    found = []
    for package in ("caviar", "optuna", "cmaes", "smac", "numpy", "scipy", "scikit-learn"):
        with suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--suite", default="synthetic", help="suites or tasks, separated by commas; name* for several")
    parser.add_argument("--searchers", default="coarse_to_fine,tpe,random")
    parser.add_argument("--parallel", type=int, default=16)
    parser.add_argument("--budget", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", type=Path, help="a folder of recorded trainings with its loader.py")
    parser.add_argument("--out", type=Path, help="a .jsonl file that keeps the courses")
    parser.add_argument("--picture", type=Path, help="an .svg file: regret against trials")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _known(out: Path | None, parallel: int, budget: int) -> list[dict[str, Any]]:
    if out is None or not out.exists():
        return []
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    return [row for row in rows if row["parallel"] == parallel and row["budget"] == budget]


def _append(out: Path | None, row: dict[str, Any]) -> None:
    if out is not None:
        with out.open("a") as file:
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    sys.exit(main())
