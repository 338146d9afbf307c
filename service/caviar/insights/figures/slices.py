"""The metric against one parameter at a time, and over two of them."""

from typing import Any, Final

import numpy as np

from caviar.domain.errors import InvalidInput, Problem
from caviar.insights.figures.asked import Source, numbers_of, rounded
from caviar.insights.figures.axes import labels, unit_axis
from caviar.insights.figures.form import BLUE, SCALE, Figure, Trace, empty, figure, points, value_axis
from caviar.insights.thinning import best_rows, shown, spread
from caviar.insights.trial_columns import Floats, Rows

_BUCKETS: Final = 120
_GRID: Final = 24
_REACH: Final = 0.1
"""How far a trial colours the map, as a share of an axis."""
_LEARNED: Final = 1_500


def slices(source: Source) -> Figure:
    """A subplot per parameter, all over the same metric."""
    rows = np.flatnonzero(source.chosen() & np.isfinite(source.view.losses))
    if not len(rows):
        return empty("Slices", "no trial has reported a value yet")
    names, losses = source.parameters(), source.view.losses
    thin = rows[shown(losses[rows], source.kept()[rows], best=source.asked.best, buckets=_BUCKETS)]
    layout: dict[str, Any] = {"grid": {"rows": 1, "columns": len(names), "pattern": "coupled"}, "showlegend": False}
    layout["yaxis"] = value_axis(source.metric, source.trials.numbers["value"][thin])
    traces = []
    for index, name in enumerate(names):
        suffix = "" if index == 0 else str(index + 1)
        layout[f"xaxis{suffix}"] = unit_axis(source.space, name)
        traces.append(_slice(source, name, thin, f"x{suffix}"))
    return figure(traces, "Slices", layout, shown=len(thin), of=len(rows), parameters=names)


def _slice(source: Source, name: str, rows: Rows, at: str) -> Trace:
    units = source.units(name, rows)
    values = source.trials.numbers["value"][rows]
    text = labels(source.space, name, units)
    said = f"#%{{customdata}}: {name} %{{text}}, %{{y}}<extra></extra>"
    more = {"xaxis": at, "yaxis": "y", "text": text, "hovertemplate": said}
    return points(name, rounded(units), values, numbers_of(source, rows), BLUE, **more)


def contour(source: Source) -> Figure:
    """Two parameters: a map of the metric (an average of the trials near each place), and the trials on it."""
    names = source.parameters(2)
    if len(names) < 2:
        raise InvalidInput([Problem("/params", "a contour takes two parameters")])
    rows = np.flatnonzero(source.chosen() & np.isfinite(source.view.losses))
    places = np.column_stack([source.units(name, rows) for name in names])
    active = ~np.isnan(places).any(axis=1)
    rows, places = rows[active], places[active]
    if len(rows) < 3:
        return empty("Contour", "it takes three trials with a value to draw a map")
    values = source.trials.numbers["value"][rows]
    shown_rows = _on_map(source, rows)
    layout = {"xaxis": unit_axis(source.space, names[0]), "yaxis": unit_axis(source.space, names[1])}
    traces = [_map(source, places, values), _points(source, rows[shown_rows], places[shown_rows], names)]
    return figure(traces, "Contour", layout, shown=len(shown_rows), of=len(rows), parameters=names)


def _map(source: Source, places: Floats, values: Floats) -> Trace:
    learned = spread(len(values), _LEARNED)
    axis = np.linspace(0, 1, _GRID)
    return {
        "type": "contour",
        "name": source.metric,
        "x": axis,
        "y": axis,
        "z": smoothed(places[learned], values[learned], axis),
        "colorscale": SCALE,
        "reversescale": source.view.spec.minimizes,
        "colorbar": {"title": {"text": source.metric}},
        "hoverinfo": "z",
    }


def smoothed(places: Floats, values: Floats, axis: Floats) -> Floats:
    """(g, g) the average of `values` (n,) at `places` (n, 2), weighted by a Gaussian of distance: Nadaraya-Watson.
    Outliers are clipped at the quartiles' fences, or one diverged training would paint the map."""
    low, high = np.quantile(values, [0.25, 0.75])
    clipped = np.clip(values, low - 3 * (high - low), high + 3 * (high - low))
    across, up = (np.exp(-0.5 * ((axis[:, None] - places[:, each]) / _REACH) ** 2) for each in (0, 1))
    weight = up @ across.T
    return np.asarray((up * clipped) @ across.T / np.maximum(weight, 1e-12))


def _on_map(source: Source, rows: Rows) -> Rows:
    losses = source.view.losses[rows]
    keep = source.kept()[rows]
    keep[best_rows(losses, source.asked.best)] = True
    keep[spread(len(rows), 2 * _BUCKETS)] = True
    return np.flatnonzero(keep)


def _points(source: Source, rows: Rows, places: Floats, names: list[str]) -> Trace:
    first, second = (labels(source.space, name, places[:, index]) for index, name in enumerate(names))
    values = source.trials.numbers["value"][rows].tolist()
    said = zip(numbers_of(source, rows), first, second, values, strict=True)
    text = [f"#{number}: {a}, {b}: {value:.4g}" for number, a, b, value in said]
    place = rounded(places)
    trace = points("trials", place[:, 0], place[:, 1], numbers_of(source, rows), "#ffffff", text=text)
    line = {"color": "#333333", "width": 1}
    return {**trace, "marker": {"size": 6, "color": "#ffffff", "line": line}, "hovertemplate": "%{text}<extra></extra>"}
