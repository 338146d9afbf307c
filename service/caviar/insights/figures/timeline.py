"""What each worker did when: trials as bars, gaps as gaps, lost and repeated attempts as bars of their own."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.insights.figures.asked import Source, numbers_of
from caviar.insights.figures.form import RED, STATE_COLOURS, Figure, Trace, axis, empty, figure
from caviar.storage.curves import attempts_of_numbers

MOST_BARS: Final = 4_000
_MOST_RETRIED: Final = 300
_COLOURS: Final = {**STATE_COLOURS, "lost": RED, "returned": "#c9a227", "leased": STATE_COLOURS["waiting"]}


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` to `end`, in seconds since the epoch."""

    number: int
    state: str
    node: str
    start: float
    end: float


def timeline(source: Source) -> Figure:
    """Bars by state; `y` is a place on a node, `base` and `x` begin and length in seconds since the study began.
    `meta.busy`: the share of the places' time that was used; `meta.lanes`: the places in order."""
    bars = _bars(source)
    if not bars:
        return empty("Workers", "no trial has started yet")
    lanes = placed(bars)
    names = sorted(set(lanes))
    began = source.view.study.started_at or source.view.study.created_at
    shown = [(bar, lane) for bar, lane in zip(bars, lanes, strict=True)]
    traces = [
        _trace(state, [each for each in shown if each[0].state == state], began)
        for state in dict.fromkeys(bar.state for bar in bars)
    ]
    layout = {
        "barmode": "overlay",
        "bargap": 0.15,
        "xaxis": axis("seconds since the study began"),
        "yaxis": axis("", type="category", categoryorder="array", categoryarray=names[::-1]),
    }
    return figure(traces, "Workers", layout, busy=busy(bars, len(names)), lanes=names, shown=len(bars))


def _bars(source: Source) -> list[Bar]:
    numbers, texts = source.trials.numbers, source.trials.texts
    rows = np.flatnonzero(source.chosen() & ~np.isnan(numbers["started_at"]))
    rows = rows[np.argsort(numbers["started_at"][rows], kind="stable")][-MOST_BARS:]
    if not len(rows):
        return []
    latest = np.nanmax(np.concatenate([numbers["started_at"][rows], numbers["finished_at"][rows]]))
    retried = rows[numbers["attempts"][rows] > 1][-_MOST_RETRIED:]
    once = np.setdiff1d(rows, retried)
    ends = np.where(np.isnan(numbers["finished_at"][once]), latest, numbers["finished_at"][once])
    columns = (numbers_of(source, once), texts["state"].texts(once), texts["node"].texts(once))
    times = (numbers["started_at"][once].tolist(), ends.tolist())
    bars = [Bar(n, s or "", node or "elsewhere", *t) for n, s, node, *t in zip(*columns, *times, strict=True)]
    return sorted([*bars, *_attempts(source, numbers_of(source, retried), float(latest))], key=lambda bar: bar.start)


def _attempts(source: Source, numbers: Sequence[int], latest: float) -> Iterable[Bar]:
    for number, _, state, node, start, end in attempts_of_numbers(source.snapshot, source.view.study.id, numbers):
        if start is not None:
            yield Bar(number, state, node or "elsewhere", start, latest if end is None else end)


def placed(bars: Sequence[Bar]) -> list[str]:
    """Of bars in order of their start, the place of each: the first of its node that is free by then."""
    free: dict[str, list[int]] = defaultdict(list)
    taken: dict[str, list[tuple[float, int]]] = defaultdict(list)
    opened: dict[str, int] = defaultdict(int)
    places = []
    for bar in bars:
        while taken[bar.node] and taken[bar.node][0][0] <= bar.start:
            heapq.heappush(free[bar.node], heapq.heappop(taken[bar.node])[1])
        if free[bar.node]:
            place = heapq.heappop(free[bar.node])
        else:
            place, opened[bar.node] = opened[bar.node], opened[bar.node] + 1
        heapq.heappush(taken[bar.node], (bar.end, place))
        places.append(f"{bar.node} {place + 1:02d}")
    return places


def busy(bars: Sequence[Bar], places: int) -> float:
    """Share of all places' time between the first start and the last end."""
    span = max(bar.end for bar in bars) - min(bar.start for bar in bars)
    used = sum(bar.end - bar.start for bar in bars)
    return round(min(1.0, used / (span * places)), 4) if span > 0 else 1.0


def _trace(state: str, shown: Sequence[tuple[Bar, str]], began: float) -> Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "name": state,
        "y": [lane for _, lane in shown],
        "base": [round(bar.start - began, 3) for bar, _ in shown],
        "x": [round(bar.end - bar.start, 3) for bar, _ in shown],
        "customdata": [bar.number for bar, _ in shown],
        "marker": {"color": _COLOURS.get(state, "#999999")},
        "hovertemplate": "#%{customdata}: %{x} s<extra>" + state + "</extra>",
    }
