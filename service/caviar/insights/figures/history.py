"""How the best result came: every value that a screen can tell apart, and the best so far."""

from typing import Final

import numpy as np

from caviar.insights.figures.asked import Along, Source, numbers_of
from caviar.insights.figures.form import (
    GREEN,
    STATE_COLOURS,
    Figure,
    Trace,
    axis,
    empty,
    figure,
    points,
    value_axis,
)
from caviar.insights.thinning import improvements, shown
from caviar.insights.trial_columns import Floats, Rows

_TITLES: Final = {
    "number": "trial",
    "time": "seconds since the study began",
    "compute": "seconds of training, all trials together",
}
_STATES: Final = ("completed", "stopped", "running", "paused", "failed")


def history(source: Source) -> Figure:
    """x: the trial's number, or when it ended, or how much training had been done by then."""
    along = place(source, source.asked.x)
    rows = np.flatnonzero(source.chosen() & np.isfinite(source.view.losses) & np.isfinite(along))
    if not len(rows):
        return empty("History", "no trial has reported a value yet")
    rows = rows[np.argsort(along[rows], kind="stable")]
    best = _best_so_far(source, rows, along)
    thin = rows[shown(source.view.losses[rows], source.kept()[rows], best=source.asked.best)]
    traces = [*_by_state(source, thin, along), *best]
    values = source.trials.numbers["value"][thin]
    layout = {"xaxis": axis(_TITLES[source.asked.x]), "yaxis": value_axis(source.metric, values)}
    return figure(traces, "History", layout, shown=len(thin), of=len(rows), x=source.asked.x)


def place(source: Source, along: Along) -> Floats:
    """(n,) where each trial stands along a history; NaN for one that has no place there yet."""
    numbers = source.trials.numbers
    match along:
        case "number":
            return source.trials.number.astype(np.float64)
        case "time":
            began = source.view.study.started_at or source.view.study.created_at
            return numbers["finished_at"] - began
        case "compute":
            order = np.argsort(numbers["finished_at"], kind="stable")
            spent = np.empty(len(order))
            spent[order] = np.cumsum(np.nan_to_num(numbers["seconds"][order]))
            return np.where(np.isnan(numbers["finished_at"]), np.nan, spent)


def _by_state(source: Source, rows: Rows, along: Floats) -> list[Trace]:
    state, values = source.trials.texts["state"], source.trials.numbers["value"]
    traces = []
    for name in _STATES:
        mine = rows[state.among((name,))[rows]]
        if len(mine):
            numbers = numbers_of(source, mine)
            traces.append(points(name, along[mine], values[mine], numbers, STATE_COLOURS[name]))
    return traces


def _best_so_far(source: Source, rows: Rows, along: Floats) -> list[Trace]:
    """A step at each improvement, drawn on to the last trial."""
    ranked = rows[source.view.ranked[rows]]
    better = ranked[improvements(source.view.losses[ranked])]
    if not len(better):
        return []
    x = [*along[better].tolist(), float(along[rows[-1]])]
    values = source.trials.numbers["value"][better].tolist()
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "best so far",
            "x": x,
            "y": [*values, values[-1]],
            "customdata": [*numbers_of(source, better), int(source.trials.number[better[-1]])],
            "line": {"shape": "hv", "color": GREEN, "width": 2},
            "marker": {"size": 5},
            "hovertemplate": "#%{customdata}: %{y}<extra>best so far</extra>",
        }
    ]
