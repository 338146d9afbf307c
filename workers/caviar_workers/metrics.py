"""Numbers that training code hands over, checked where they are handed over. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from caviar_workers.plain_text import is_plain

MAX_METRICS = 200
MAX_NAME = 200

Wired = dict[str, float | str]
"""Metrics as JSON carries them: NaN and the infinities are strings."""


def number(name: str, value: Any) -> float:
    """A metric's value as a float. Scalars of numpy, torch and the like are taken by their `.item()`.

    Raises TypeError for what is no real number: bool, str, complex, None, arrays.
    """
    if type(value) is float:
        return value
    plain = _unwrapped(name, value)
    if isinstance(plain, bool | str | bytes | complex) or not hasattr(type(plain), "__float__"):
        raise TypeError(f"metric {name!r} must be a real number, not {type(value).__name__} ({_short(value)})")
    try:
        return float(plain)
    except (OverflowError, ValueError, TypeError) as error:
        raise TypeError(f"metric {name!r} does not fit into a float: {error}") from None


def checked(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Metrics of one report as floats. Raises TypeError or ValueError with the metric's name."""
    if len(metrics) > MAX_METRICS:
        raise ValueError(f"a report may carry {MAX_METRICS} metrics, this one has {len(metrics)}")
    for name in metrics:
        if not isinstance(name, str):
            raise TypeError(f"a metric's name must be a string, not {type(name).__name__}")
        if not is_name(name):
            raise ValueError(
                f"a metric's name must have 1 to {MAX_NAME} characters, none of them a control: {_short(name)}"
            )
    return {name: number(name, value) for name, value in metrics.items()}


def is_name(name: str) -> bool:
    """Whether a metric may be called so."""
    return 0 < len(name) <= MAX_NAME and is_plain(name)


def wired(metrics: Mapping[str, float]) -> Wired:
    return {name: value if math.isfinite(value) else word(value) for name, value in metrics.items()}


def word(value: float) -> str:
    """How JSON carries a number that is not finite."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _unwrapped(name: str, value: Any) -> Any:
    item = getattr(value, "item", None)
    if item is None or not callable(item):
        return value
    try:
        return item()
    except (ValueError, TypeError, RuntimeError):
        raise TypeError(f"metric {name!r} must be one number, not {type(value).__name__} ({_short(value)})") from None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
