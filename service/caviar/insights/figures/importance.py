"""Which parameters mattered: over the whole space and among the good, with what is not sure."""

from typing import Any

from caviar.insights.figures.asked import Source
from caviar.insights.figures.form import BLUE, ORANGE, Figure, Trace, axis, empty, figure
from caviar.insights.importance.report import importance as report

_MOST = 15


def importance(source: Source) -> Figure:
    """Two groups of bars, most important above; the whiskers hold four in five resamplings. `meta` is the report."""
    said = report(source.view)
    if not said["enough"]:
        return empty("Importance", said["message"])
    told = said["parameters"][:_MOST][::-1]
    traces = [_bars(told, "whole", "whole space", BLUE)]
    if told and told[0]["good"] is not None:
        traces.append(_bars(told, "good", "among the best fifth", ORANGE))
    layout = {
        "barmode": "group",
        "xaxis": axis("share of the importance", range=[0, 1], tickformat=".0%"),
        "yaxis": axis("", type="category"),
        "legend": {"orientation": "h", "traceorder": "reversed"},
    }
    return figure(traces, "Importance", layout, message=said["message"], parameters=said["parameters"])


def _bars(told: list[dict[str, Any]], region: str, name: str, colour: str) -> Trace:
    shares = [each[region] for each in told]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": [each["name"] for each in told],
        "x": [each["share"] for each in shares],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [round(each["high"] - each["share"], 4) for each in shares],
            "arrayminus": [round(each["share"] - each["low"], 4) for each in shares],
        },
        "marker": {"color": colour, "opacity": [1.0 if each["clear"] else 0.35 for each in shares]},
        "hovertemplate": "%{y}: %{x:.0%}<extra>" + name + "</extra>",
    }
