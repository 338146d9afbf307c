"""Mean regret against trials as an SVG, without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from benchmarks.quality.report import at

_WIDTH, _HEIGHT, _MARGIN = 720, 420, 56
_COLOURS = ("#0b6e4f", "#c84630", "#3066be", "#8f5aa8", "#b8860b", "#555555", "#2a9d8f", "#e07a5f")


def svg(rows: Sequence[dict[str, Any]]) -> str:
    """Regret on a logarithmic axis, one line per searcher, over all tasks and seeds of `rows`."""
    searchers = list(dict.fromkeys(row["searcher"] for row in rows))
    budget = min(row["budget"] for row in rows)
    trials = range(1, budget + 1)
    means = {s: [_mean(rows, s, trial) for trial in trials] for s in searchers}
    low = max(0.5, min(min(values) for values in means.values()))
    parts = [_frame(low, budget)]
    for index, searcher in enumerate(searchers):
        colour = _COLOURS[index % len(_COLOURS)]
        points = " ".join(f"{_x(t, budget):.1f},{_y(v, low):.1f}" for t, v in zip(trials, means[searcher], strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{_WIDTH - 190}" y="{30 + 18 * index}" fill="{colour}">{searcher}</text>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">{"".join(parts)}</svg>'  # noqa: E501


def _mean(rows: Sequence[dict[str, Any]], searcher: str, trial: int) -> float:
    return float(np.mean([at(row, trial) for row in rows if row["searcher"] == searcher]))


def _frame(low: float, budget: int) -> str:
    ticks = [value for value in (1, 2, 5, 10, 20, 50, 100) if value >= low]
    lines = [
        f'<line x1="{_MARGIN}" x2="{_WIDTH - 10}" y1="{_y(v, low):.1f}" y2="{_y(v, low):.1f}" stroke="#ddd"/>'
        f'<text x="{_MARGIN - 8}" y="{_y(v, low) + 4:.1f}" text-anchor="end">{v}</text>'
        for v in ticks
    ]
    steps = [round(budget * share) for share in (0.25, 0.5, 0.75, 1)]
    marks = [f'<text x="{_x(t, budget):.1f}" y="{_HEIGHT - 30}" text-anchor="middle">{t}</text>' for t in steps]
    title = (
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">trials; normalised regret × 100, mean</text>'
    )
    return '<rect width="100%" height="100%" fill="#fff"/>' + "".join([*lines, *marks, title])


def _x(trial: int, budget: int) -> float:
    return _MARGIN + (_WIDTH - 10 - _MARGIN) * trial / budget


def _y(regret: float, low: float) -> float:
    share = np.log(max(regret, low) / low) / np.log(100 / low)
    return float(_HEIGHT - _MARGIN - (_HEIGHT - _MARGIN - 12) * share)
