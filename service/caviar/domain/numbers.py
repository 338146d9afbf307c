"""Numbers as JSON carries them: what it lacks are the strings "NaN", "Infinity" and "-Infinity"."""

import math
from typing import Any, Final, overload

import numpy as np

_NAMED: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@overload
def json_number(value: int) -> int: ...
@overload
def json_number(value: float) -> float | str: ...
def json_number(value: float) -> float | str:
    """The number as it is, or the name of one that JSON can't write. A numpy number becomes Python's."""
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, int) or math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def parse_metric(value: Any) -> float:
    """A metric's value from JSON or from training code (numpy scalars and integers are numbers, booleans are not).

    Raises ValueError, so that it serves as a pydantic validator.
    """
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f"a metric is a number, not {_described(value)}")  # noqa: TRY004
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _described(value: Any) -> str:
    kind = type(value).__name__
    return f"the string {value[:40]!r}" if isinstance(value, str) else f"of type {kind}"
