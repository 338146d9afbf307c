"""One parameter of the space as a column of the unit cube: values of units, units of values."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import Choice, Float, Int, value_count
from caviar.domain.rules import exact
from caviar.domain.scales import clipped, from_unit, to_unit
from caviar.domain.values import Scale, key, number_problem, shown, whole_problem

Units = NDArray[np.float64]
Values = NDArray[Any]
Matcher = Callable[[Units], NDArray[np.bool_]]

MAX_CELLS = 65_536
"""A parameter with more values is told apart from a continuous one by nobody."""
_EXACT = 2**53
_NEAR = 1e-6
"""How far from a stepped value, in steps, a number still means it: 6 * 0.1 is not 0.6."""


def make_column(parameter: Float | Int | Choice) -> "Column":
    match parameter:
        case Float(low, high, scale=scale, step=None):
            return Continuous(low, high, scale)
        case Float():
            return Lattice(parameter)
    return make_parent_column(parameter)


def make_parent_column(parameter: Int | Choice) -> "Lattice | Options":
    """These two kinds may be the parent of a condition."""
    return Lattice(parameter) if isinstance(parameter, Int) else Options(parameter.values)


# The three kinds share one form. `count` is the number of values, None when there is no end of them; `cells` the same
# when each owns an equal part of the unit interval, else 0. `decode` and `snap` take units (n,) of any size and clip
# them to [0, 1]; `position` takes a value that has no `problem`, and decodes to it; `snap` is position of decode.


class Continuous:
    count = None
    cells = 0

    def __init__(self, low: float, high: float, scale: Scale) -> None:
        self._range = low, high
        self._scale = scale

    def decode(self, units: Units) -> Values:
        return from_unit(self._scale, units, *self._range)

    def position(self, value: Any) -> float:
        return float(to_unit(self._scale, np.asarray(value, np.float64), *self._range))

    def snap(self, units: Units) -> Units:
        return clipped(units, 0.0, 1.0)

    def problem(self, value: object) -> str | None:
        if (detail := number_problem(value)) or not isinstance(value, int | float):
            return detail
        low, high = self._range
        return None if low <= value <= high else _outside(value, low, high)


class Lattice:
    """Values low + k step. On a linear scale each owns an equal cell; on another, the part of the warped range from
    half a step below to half a step above it, so that the two at the ends get as much as their neighbours."""

    count: int

    def __init__(self, parameter: Float | Int) -> None:
        self._whole = isinstance(parameter, Int)
        self._scale = parameter.scale
        self._low = parameter.low
        self._step = parameter.step or 1
        self.count = value_count(parameter) or 1
        self.cells = self.count if self._scale == "linear" and self.count <= MAX_CELLS else 0
        self._last = self._value(self.count - 1)
        half = self._step / 2
        self._wide = self._low - half, self._last + half
        self._fraction = _common_fraction(self._low, self._step, self.count)

    def decode(self, units: Units) -> Values:
        return self._values(self._index(units))

    def position(self, value: Any) -> float:
        return float(self._positions(np.rint((np.float64(value) - self._low) / self._step)))

    def snap(self, units: Units) -> Units:
        return self._positions(self._index(units))

    def problem(self, value: object) -> str | None:
        check = whole_problem if self._whole else number_problem
        if (detail := check(value)) or not isinstance(value, int | float):
            return detail
        steps = (value - self._low) / self._step
        if not -_NEAR <= steps <= self.count - 1 + _NEAR:
            return _outside(value, self._low, self._last)
        if abs(steps - round(steps)) <= _NEAR:
            return None
        return f"must be {shown(self._low)} plus a multiple of {shown(self._step)}, not {shown(value)}"

    def matcher(self, allowed: Sequence[object]) -> Matcher:
        wanted = np.array(allowed)
        return lambda units: np.isin(self.decode(units), wanted)

    def _index(self, units: Units) -> Units:
        if self._scale == "linear":
            index = np.floor(clipped(units, 0.0, 1.0) * self.count)
        else:
            index = np.rint((from_unit(self._scale, units, *self._wide) - self._low) / self._step)
        return clipped(index, 0.0, self.count - 1.0)

    def _positions(self, index: Units) -> Units:
        if self._scale == "linear":
            return (clipped(index, 0.0, self.count - 1.0) + 0.5) / self.count
        return to_unit(self._scale, self._low + index * self._step, *self._wide)

    def _values(self, index: Units) -> Values:
        if self._whole:
            return self._low + index.astype(np.int64) * int(self._step)
        if self._fraction:
            first, step, divisor = self._fraction
            return (first + index * step) / divisor
        return np.minimum(self._low + index * self._step, self._last)

    def _value(self, index: int) -> float:
        value = exact(self._low) + index * exact(self._step)
        return int(value) if self._whole else float(value)


class Options:
    def __init__(self, values: Sequence[object]) -> None:
        self.count = self.cells = len(values)
        self._keys = {key(value): index for index, value in enumerate(values)}
        self._values = np.empty(len(values), object)
        self._values[:] = values

    def decode(self, units: Units) -> Values:
        return self._values[self._index(units)]

    def position(self, value: Any) -> float:
        return (self._keys[key(value)] + 0.5) / self.cells

    def snap(self, units: Units) -> Units:
        return (self._index(units) + 0.5) / self.cells

    def problem(self, value: object) -> str | None:
        if isinstance(value, bool | int | float | str | None) and key(value) in self._keys:
            return None
        few = ", ".join(shown(value) for value in self._values[:10])
        return f"must be one of {few}{', …' if self.cells > 10 else ''}, not {shown(value)}"

    def matcher(self, allowed: Sequence[object]) -> Matcher:
        table = np.zeros(self.cells, np.bool_)
        table[[self._keys[key(value)] for value in allowed]] = True
        return lambda units: table[self._index(units)]

    def _index(self, units: Units) -> NDArray[np.int64]:
        index = clipped(units, 0.0, 1.0) * self.cells
        return np.minimum(index.astype(np.int64), self.cells - 1)


Column = Continuous | Lattice | Options


def _outside(value: object, low: float, high: float) -> str:
    return f"must lie between {shown(low)} and {shown(high)}, not {shown(value)}"


def _common_fraction(low: float, step: float, count: int) -> tuple[float, float, float] | None:
    """low and step over one divisor, when float64 holds all that is made of them exactly: then a value is rounded
    once, by the division, and 3 steps of 0.1 are 0.3."""
    first, stride = exact(low), exact(step)
    divisor = math.lcm(first.denominator, stride.denominator)
    if any(abs(number) * divisor >= _EXACT for number in (first, first + count * stride, Fraction(1))):
        return None
    return float(first * divisor), float(stride * divisor), float(divisor)
