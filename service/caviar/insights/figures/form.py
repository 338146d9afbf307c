"""Plotly's form: axes, markers and layouts that all pictures share. Colours are told apart without seeing red."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from caviar.insights.trial_columns import Floats

Figure = dict[str, Any]
Trace = dict[str, Any]

BLUE, ORANGE, GREEN, GREY, RED, PURPLE = "#3366cc", "#e69f00", "#109618", "#8c8c8c", "#d55e00", "#7b52ab"
STATE_COLOURS: Final[Mapping[str, str]] = {
    "completed": BLUE,
    "stopped": GREY,
    "running": GREEN,
    "paused": PURPLE,
    "waiting": "#c0c0c0",
    "failed": RED,
    "infeasible": ORANGE,
    "cancelled": "#b0b0b0",
}
SCALE: Final = "Viridis"
_SPAN: Final = 20.0


def figure(traces: Sequence[Trace], title: str, layout: Mapping[str, Any] | None = None, **meta: Any) -> Figure:
    """`meta` is what the picture says of itself, for captions and screen readers; it stands in `layout.meta`."""
    return {
        "data": list(traces),
        "layout": {
            "title": {"text": title},
            "hovermode": "closest",
            "showlegend": len(traces) > 1,
            "margin": {"l": 60, "r": 20, "t": 40, "b": 50},
            **(layout or {}),
            "meta": meta,
        },
    }


def empty(title: str, why: str) -> Figure:
    """A picture of nothing that says what is missing."""
    hidden = {"visible": False}
    note = {"text": why, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return figure([], title, {"xaxis": hidden, "yaxis": hidden, "annotations": [note]}, empty=why)


def axis(title: str, **more: Any) -> dict[str, Any]:
    return {"title": {"text": title}, "automargin": True, **more}


def value_axis(title: str, values: Floats, **more: Any) -> dict[str, Any]:
    """Logarithmic when that fits: all above 0, over more than a decade, and the best not lost in a corner."""
    return axis(title, type="log" if fits_log(values) else "linear", **more)


def fits_log(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    return bool(len(finite) and finite.min() > 0 and finite.max() / finite.min() >= _SPAN)


def points(name: str, x: Any, y: Any, numbers: Sequence[int], colour: str, **more: Any) -> Trace:
    """Markers whose `customdata` are the trials' numbers: a mark set in one picture is found in every other."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "customdata": numbers,
        "marker": {"color": colour, "size": 6, "opacity": 0.7},
        "hovertemplate": "#%{customdata}: %{y}<extra></extra>",
        **more,
    }
