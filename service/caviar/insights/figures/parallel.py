"""Parallel coordinates: up to 20,000 trials by column, for a canvas that can draw so many."""

from typing import Any, Final

import numpy as np

from caviar.insights.figures.asked import Source, numbers_of, rounded
from caviar.insights.figures.axes import ticks
from caviar.insights.figures.form import SCALE, Figure, empty, figure
from caviar.insights.thinning import best_rows, improvements, spread
from caviar.insights.trial_columns import Rows

MOST_LINES: Final = 20_000
_BEST: Final = 2_000


def parallel(source: Source) -> Figure:
    """One `parcoords` trace: positions on each parameter's scale (null: not active), last the metric itself.
    `customdata` are the numbers, `meta.states` the states by code of `meta.state`."""
    rows = _rows(source)
    if not len(rows):
        return empty("Parallel coordinates", "no trial has reported a value yet")
    values, state = source.trials.numbers["value"][rows], source.trials.texts["state"]
    dimensions = [_dimension(source, name, rows) for name in source.parameters()]
    metric = {"label": source.metric, "values": values, "range": [float(values.min()), float(values.max())]}
    trace = {
        "type": "parcoords",
        "dimensions": [*dimensions, metric],
        "customdata": numbers_of(source, rows),
        "line": {"color": values, "colorscale": SCALE, "reversescale": source.view.spec.minimizes, "showscale": True},
    }
    of = int(np.isfinite(source.view.losses).sum())
    meta = {"state": state.codes[rows], "states": list(state.names), "goal": source.view.spec.metric.goal}
    return figure([trace], "Parallel coordinates", None, shown=len(rows), of=of, **meta)


def _rows(source: Source) -> Rows:
    losses = source.view.losses
    rows = np.flatnonzero(source.chosen() & np.isfinite(losses))
    if len(rows) <= MOST_LINES:
        return rows
    keep = source.kept()[rows] | improvements(losses[rows])
    keep[best_rows(losses[rows], _BEST)] = True
    rest = np.flatnonzero(~keep)
    keep[rest[spread(len(rest), max(0, MOST_LINES - int(keep.sum())))]] = True
    return rows[keep]


def _dimension(source: Source, name: str, rows: Rows) -> dict[str, Any]:
    positions, texts = ticks(source.space, name)
    units = rounded(source.units(name, rows), 4)
    return {"label": name, "values": units, "range": [0, 1], "tickvals": positions, "ticktext": texts}
