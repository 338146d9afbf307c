"""Coarse-to-fine at a glance: each parameter's bounds, round by round, and the trials in them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from caviar.insights.figures.asked import Source, numbers_of, rounded
from caviar.insights.figures.axes import labels, unit_axis
from caviar.insights.figures.form import SCALE, Figure, Trace, empty, figure, points
from caviar.insights.thinning import shown
from caviar.insights.trial_columns import Rows
from caviar.storage import search_state

Record = dict[str, Any]
_BUCKETS: Final = 150
_BOXES: Final = ("#3366cc", "#e69f00", "#109618", "#7b52ab", "#d55e00")
_HEIGHT: Final = 220


def rounds(source: Source) -> Figure:
    """A subplot per parameter: trials by number, coloured by their value, over the band of each box. A band's
    `customdata` are the round's index, its `text` why the bound moved."""
    records = [stored.document for stored in search_state.rounds_of(source.snapshot, source.view.study.id)]
    if not records:
        strategy = source.view.spec.search.strategy
        return empty("Rounds", f"{strategy} keeps no rounds" if strategy != "coarse_to_fine" else "no round yet")
    names = source.parameters()
    rows = _shown(source)
    end = int(source.trials.number[-1]) + 1 if len(source.trials) else 1
    layout: dict[str, Any] = {
        "grid": {"rows": len(names), "columns": 1, "pattern": "coupled"},
        "xaxis": {"title": {"text": "trial"}},
        "showlegend": False,
        "height": max(_HEIGHT * len(names), 2 * _HEIGHT),
    }
    traces: list[Trace] = []
    for index, name in enumerate(names):
        suffix = "" if index == 0 else str(index + 1)
        layout[f"yaxis{suffix}"] = unit_axis(source.space, name)
        traces += [*_bands(records, name, f"y{suffix}", end), _points(source, name, f"y{suffix}", rows)]
    return figure(traces, "Rounds", layout, parameters=names, rounds=[_words(record) for record in records])


def _shown(source: Source) -> Rows:
    chosen = np.flatnonzero(source.chosen() & np.isfinite(source.view.losses))
    kept = source.kept()[chosen]
    return chosen[shown(source.view.losses[chosen], kept, best=source.asked.best, buckets=_BUCKETS)]


def _words(record: Record) -> Record:
    return {name: record[name] for name in ("index", "box", "first_number", "finished", "rule", "reason", "best")}


def _bands(records: Sequence[Record], name: str, at: str, end: int) -> list[Trace]:
    """Per box its lower and its upper bound as steps, the room between them filled. A choice has no bounds."""
    traces = []
    for box in dict.fromkeys(record["box"] for record in records):
        mine = [record for record in records if record["box"] == box]
        bounds = [next((each for each in record["bounds"] if each["parameter"] == name), None) for record in mine]
        if any(bound is None or bound["weights"] is not None for bound in bounds):
            continue
        last = mine[-1]
        close = last["first_number"] if last["rule"] == "close" else end
        traces += _band(mine, [bound for bound in bounds if bound], max(close, mine[0]["first_number"]), at)
    return traces


def _band(mine: Sequence[Record], bounds: Sequence[Record], end: int, at: str) -> list[Trace]:
    x = [*(record["first_number"] for record in mine), end]
    box, colour = mine[0]["box"], _BOXES[mine[0]["box"] % len(_BOXES)]
    shared = {
        "type": "scatter",
        "mode": "lines",
        "name": "whole space" if box == 0 else f"box {box}",
        "x": x,
        "yaxis": at,
        "xaxis": "x",
        "line": {"shape": "hv", "color": colour, "width": 1},
        "customdata": [*(record["index"] for record in mine), mine[-1]["index"]],
        "text": [*(bound["reason"] for bound in bounds), bounds[-1]["reason"]],
        "hovertemplate": "round %{customdata}: %{text}<extra></extra>",
    }
    low, high = ([*(bound[side] for bound in bounds), bounds[-1][side]] for side in ("unit_low", "unit_high"))
    fill = {} if box == 0 else {"fill": "tonexty", "fillcolor": f"{colour}33"}
    return [{**shared, "y": low}, {**shared, "y": high, **fill}]


def _points(source: Source, name: str, at: str, rows: Rows) -> Trace:
    units, values = source.units(name, rows), source.trials.numbers["value"][rows]
    numbers, text = numbers_of(source, rows), labels(source.space, name, units)
    marker = {
        "size": 6,
        "color": values,
        "colorscale": SCALE,
        "reversescale": source.view.spec.minimizes,
        **_limits(values),
    }
    said = f"#%{{customdata}}: {name} %{{text}}, {source.metric} %{{marker.color}}<extra></extra>"
    trace = points("trials", numbers, rounded(units), numbers, "", text=text, hovertemplate=said)
    return {**trace, "marker": marker, "xaxis": "x", "yaxis": at}


def _limits(values: Any) -> dict[str, float]:
    """Of the colours: the middle nine tenths, so that one diverged training doesn't hide all differences."""
    if not len(values):
        return {}
    low, high = np.quantile(values, [0.02, 0.9])
    return {"cmin": float(low), "cmax": float(high)} if high > low else {}
