"""The figures as text: a table in Markdown, medians with the range, the goals beside them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.overhead_parts.works import WORKS, Contender, Work

Figures = Mapping[tuple[str, str], Sequence[float]]
"""By the contender's key and the kind of work."""


def markdown(contenders: Sequence[Contender], figures: Figures) -> str:
    header = ["work", *(contender.title for contender in contenders), "Caviar must reach"]
    rows = [
        [
            work.title,
            *(_cell(work, figures.get((contender.key, work.kind), ())) for contender in contenders),
            _goal(work),
        ]
        for work in WORKS
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows])


def written(work: Work, value: float) -> str:
    if work.unit == "per second":
        return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
    return f"{value:.1%}"


def _cell(work: Work, values: Sequence[float]) -> str:
    if not values:
        return "–"
    middle = written(work, statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({written(work, min(values))} … {written(work, max(values))})"


def _goal(work: Work) -> str:
    names = {"caviar": "", "caviar-postgres": " PostgreSQL"}
    return ", ".join(f"≥ {_round(work, goal)}{names[key]}" for key, goal in work.goals.items())


def _round(work: Work, goal: float) -> str:
    return f"{goal:,.0f}" if work.unit == "per second" else f"{goal:.0%}"
