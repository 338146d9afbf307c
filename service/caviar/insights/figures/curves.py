"""Learning curves: the best, what runs and what is selected as lines, all others as a band."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np

from caviar.insights.figures.asked import Source, numbers_of
from caviar.insights.figures.form import BLUE, GREEN, ORANGE, Figure, Trace, axis, empty, figure, value_axis
from caviar.insights.thinning import best_rows, spread
from caviar.insights.trial_columns import Floats
from caviar.storage import curves as stored

BAND: Final = 150
"""Trials that stand for all the others."""
_BEST, _RUNNING, _POINTS, _GRID = 10, 20, 250, 60
Curves = Mapping[int, dict[float, float]]
"""Trial number to step to value; of a step that was trained twice the later one."""


def curves(source: Source) -> Figure:
    """One line a trial (`customdata`: its number at each point); the band holds four in five of the others."""
    groups = _groups(source)
    others = _others(source, groups)
    drawn = _read(source, [*groups, *others])
    if not drawn:
        return empty("Learning curves", "no trial has reported a step yet")
    rest = [list(drawn[number].items()) for number in others if number in drawn]
    lines = [_line(number, group, drawn[number]) for number, group in groups.items() if number in drawn]
    metric = source.asked.metric or source.metric
    values = np.array([value for number in groups if number in drawn for value in drawn[number].values()])
    layout = {"xaxis": axis("step"), "yaxis": value_axis(metric, values)}
    return figure([*_band(rest), *lines], "Learning curves", layout, band=len(rest), of=len(source.trials))


def _groups(source: Source) -> dict[int, str]:
    """Number to why it is a line of its own; one that is several things is the first of them."""
    chosen = source.chosen()
    losses = np.where(chosen & source.view.ranked, source.view.losses, np.nan)
    running = np.flatnonzero(chosen & source.trials.texts["state"].among(("running", "paused")))[-_RUNNING:]
    wanted = (
        ("selected", source.trials.rows_of(source.asked.trials)),
        ("best", best_rows(losses, min(_BEST, source.asked.best))),
        ("running", running),
    )
    groups: dict[int, str] = {}
    for name, rows in wanted:
        for number in numbers_of(source, rows):
            groups.setdefault(number, name)
    return groups


def _others(source: Source, groups: Collection[int]) -> list[int]:
    mask = source.chosen() & ~np.isnan(source.trials.numbers["step"])
    mask[source.trials.rows_of(groups)] = False
    rows = np.flatnonzero(mask)
    return numbers_of(source, rows[spread(len(rows), BAND)])


def _read(source: Source, numbers: Collection[int]) -> Curves:
    metric = None if source.asked.metric in (None, source.metric) else source.asked.metric
    found: dict[int, dict[float, float]] = defaultdict(dict)
    study = source.view.study.id
    for number, step, value in stored.reports_of_numbers(source.snapshot, study, numbers, metric, _POINTS):
        if value is not None:
            found[number][step] = value
    return found


def _line(number: int, group: str, curve: Mapping[float, float]) -> Trace:
    steps = sorted(curve)
    colour = {"best": BLUE, "running": GREEN, "selected": ORANGE}[group]
    return {
        "type": "scatter",
        "mode": "lines" if len(steps) > 1 else "markers",
        "name": f"#{number} {group}",
        "legendgroup": group,
        "x": steps,
        "y": [curve[step] for step in steps],
        "customdata": [number] * len(steps),
        "line": {"color": colour, "width": 3 if group == "selected" else 1.5},
        "hovertemplate": "#%{customdata}, step %{x}: %{y}<extra></extra>",
    }


def _band(rest: list[list[tuple[float, float]]]) -> list[Trace]:
    if len(rest) < 3:
        return []
    grid = _grid(rest)
    values = np.array([_at(grid, curve) for curve in rest])
    full = (~np.isnan(values)).sum(axis=0) >= 3
    low, middle, high = np.nanquantile(values[:, full], [0.1, 0.5, 0.9], axis=0)
    shared: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": grid[full], "hoverinfo": "skip"}
    edge = {"line": {"width": 0}, "showlegend": False}
    return [
        {**shared, **edge, "name": "others, low", "y": low},
        {**shared, **edge, "name": "others", "y": high, "fill": "tonexty", "fillcolor": "rgba(128,128,128,0.25)"},
        {**shared, "name": "median of the others", "y": middle, "line": {"color": "#888888", "dash": "dot"}},
    ]


def _grid(rest: list[list[tuple[float, float]]]) -> Floats:
    steps: Floats = np.unique([step for curve in rest for step, _ in curve])
    return np.asarray(steps[spread(len(steps), _GRID)])


def _at(grid: Floats, curve: list[tuple[float, float]]) -> Floats:
    steps, values = np.array(sorted(curve)).T
    return np.asarray(np.interp(grid, steps, values, left=np.nan, right=np.nan))
