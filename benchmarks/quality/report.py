"""Courses to tables: normalised regret with standard errors over seeds, its mean over suites, ranks, wins, cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

Row = dict[str, Any]


def at(row: Row, mark: int) -> float:
    """Regret after `mark` trials; 100 where nothing finite was found by then."""
    value = row["regret"][mark - 1]
    return 100.0 if not np.isfinite(value) else min(float(value), 100.0)


def table(rows: Sequence[Row], marks: Sequence[int]) -> str:
    searchers = list(dict.fromkeys(row["searcher"] for row in rows))
    suites = list(dict.fromkeys(row["suite"] for row in rows))
    by_suite = [f"{suite} @{marks[-1]}" for suite in suites]
    head = ["searcher", *(f"@{mark}" for mark in marks), "suites", "rank", "wins", *by_suite, "ms", "worst"]
    lines = [head]
    ranks, wins = _ranks(rows, marks[-1])
    for searcher in searchers:
        own = [row for row in rows if row["searcher"] == searcher]
        cells = [_mean_error(own, mark) for mark in marks]
        parts = [_mean_error([row for row in own if row["suite"] == suite], marks[-1]) for suite in suites]
        cost = [f"{np.mean([row['mean_ms'] for row in own]):.1f}", f"{max(row['worst_ms'] for row in own):.0f}"]
        lines.append(
            [
                searcher,
                *cells,
                _over_suites(own, marks[-1]),
                f"{ranks[searcher]:.2f}",
                f"{wins[searcher]:.0%}",
                *parts,
                *cost,
            ]
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _over_suites(rows: Sequence[Row], mark: int) -> str:
    """The mean over suites of their means: a suite of many tasks counts no more than one of few."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[row["suite"]].append(at(row, mark))
    return f"{np.mean([np.mean(values) for values in found.values()]):.2f}" if found else "–"


def difference(rows: Sequence[Row], ours: str, other: str, mark: int) -> tuple[float, float, int]:
    """Mean of ours − other on the same tasks and seeds, its standard error over tasks, and how many tasks."""
    found: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for row in rows:
        found[row["task"], row["seed"]][row["searcher"]] = at(row, mark)
    by_task: dict[str, list[float]] = defaultdict(list)
    for (task, _), pair in found.items():
        if ours in pair and other in pair:
            by_task[task].append(pair[ours] - pair[other])
    means = [float(np.mean(values)) for values in by_task.values()]
    error = float(np.std(means, ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("nan")
    return float(np.mean(means)) if means else float("nan"), error, len(means)


def paired(rows: Sequence[Row], ours: str, other: str, mark: int) -> str:
    mean, error, count = difference(rows, ours, other, mark)
    return f"{ours} − {other} @{mark}: {mean:+.2f} ± {error:.2f} over {count} tasks"


def _mean_error(rows: Sequence[Row], mark: int) -> str:
    seeds: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        seeds[row["seed"]].append(at(row, mark))
    means = [float(np.mean(values)) for values in seeds.values()]
    if not means:
        return "–"
    error = np.std(means, ddof=1) / np.sqrt(len(means)) if len(means) > 1 else np.nan
    return f"{np.mean(means):.2f}±{error:.2f}"


def _ranks(rows: Sequence[Row], mark: int) -> tuple[dict[str, float], dict[str, float]]:
    cells: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for row in rows:
        cells[row["task"], row["seed"]][row["searcher"]] = at(row, mark)
    ranks: dict[str, list[float]] = defaultdict(list)
    wins: dict[str, list[float]] = defaultdict(list)
    for cell in cells.values():
        values = np.array(list(cell.values()))
        for searcher, value in cell.items():
            ranks[searcher].append(1 + float((values < value).sum()) + 0.5 * float((values == value).sum() - 1))
            wins[searcher].append(float(value == values.min()))
    return {s: float(np.mean(r)) for s, r in ranks.items()}, {s: float(np.mean(w)) for s, w in wins.items()}
