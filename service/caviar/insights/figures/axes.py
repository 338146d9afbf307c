"""A parameter as an axis from 0 to 1 on its own scale, with ticks that say its values. Plotly knows no one_minus_log,
and a choice has no numbers."""

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from caviar.domain.parameters import Choice, Float, Int
from caviar.domain.space import Space
from caviar.domain.values import Value
from caviar.insights.trial_columns import Floats

MOST_TICKS: Final = 7
_NINES: Final = 6


def unit_axis(space: Space, name: str, **more: Any) -> dict[str, Any]:
    """A layout's axis for `Source.units` of that parameter."""
    positions, texts = ticks(space, name)
    scale = getattr(space.parameters[name], "scale", "linear")
    said = name if scale == "linear" else f"{name} ({scale})"
    return {
        "title": {"text": said},
        "automargin": True,
        "range": [-0.03, 1.03],
        "tickmode": "array",
        "tickvals": positions,
        "ticktext": texts,
        **more,
    }


def ticks(space: Space, name: str) -> tuple[list[float], list[str]]:
    """(positions in [0, 1], labels), ascending."""
    column, parameter = space.column(name), space.parameters[name]
    values = list(_values(parameter))
    positions = [round(column.position(value), 5) for value in values]
    return positions, [label(value) for value in values]


def labels(space: Space, name: str, units: Floats) -> list[str]:
    """The values behind positions, as text; "" for NaN."""
    known = ~np.isnan(units)
    decoded = space.column(name).decode(np.where(known, units, 0.5)).tolist()
    return [label(value) if there else "" for value, there in zip(decoded, known.tolist(), strict=True)]


def label(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.4g}"
    return str(value)


def _values(parameter: Any) -> Iterator[Value]:
    match parameter:
        case Choice(values):
            step = -(-len(values) // (2 * MOST_TICKS))
            yield from values[::step]
        case Float() | Int():
            low, high = float(parameter.low), float(parameter.high)
            numbers = sorted({low, *_between(parameter.scale, low, high), high})
            yield from dict.fromkeys(_on_grid(parameter, number) for number in numbers)


def _between(scale: str, low: float, high: float) -> list[float]:
    match scale:
        case "log":
            return _decades(low, high)
        case "one_minus_log":
            nines = [1 - 10.0**-power for power in range(1, _NINES)]
            return [nine for nine in nines if low < nine < high]
    return _round_numbers(low, high)


def _decades(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) + 0.15), math.floor(math.log10(high) - 0.15)
    step = max(1, -(-(last - first + 1) // MOST_TICKS))
    return [10.0**power for power in range(first, last + 1, step)]


def _round_numbers(low: float, high: float) -> list[float]:
    rough = (high - low) / (MOST_TICKS - 2)
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(base * times for times in (1, 2, 5, 10) if base * times >= rough)
    first = math.ceil(low / step + 0.3)
    count = max(0, math.floor(high / step - 0.3) - first + 1)
    return [float(f"{(first + index) * step:.10g}") for index in range(count)]


def _on_grid(parameter: Float | Int, number: float) -> Value:
    """The nearest value the parameter has."""
    step = parameter.step or (1 if isinstance(parameter, Int) else None)
    if step is None:
        return number
    steps = min(round((number - parameter.low) / step), math.floor((parameter.high - parameter.low) / step + 1e-9))
    return type(parameter.low)(parameter.low + steps * step)
