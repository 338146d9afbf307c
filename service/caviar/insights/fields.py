"""What trials are filtered and sorted by: fields and parameters of all trials at once, from the columns in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Final

import numpy as np

from caviar.domain.parameters import Choice, Constant
from caviar.domain.values import Value
from caviar.insights.trial_columns import NUMBERS, TEXTS, Floats, Labels, Mask
from caviar.insights.views import View

PARAMS: Final = "params."


class Kind(Enum):
    NUMBER = auto()
    TEXT = auto()
    TIME = auto()


KINDS: Final[Mapping[str, Kind]] = {
    "number": Kind.NUMBER,
    **{name: Kind.TIME if name.endswith("_at") else Kind.NUMBER for name in NUMBERS},
    **dict.fromkeys(TEXTS, Kind.TEXT),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of all trials. `options`: of a choice or a constant the value of each `code`, -1 where a trial
    does not have it; else the values are `numbers`, NaN there."""

    view: View
    name: str

    @cached_property
    def there(self) -> Mask:
        space = self.view.spec.space
        if self.name not in space.parameters:
            return np.zeros(len(self.view.trials), np.bool_)
        return space.has(self.name, self.view.trials.units)

    @cached_property
    def options(self) -> tuple[Value, ...] | None:
        match self.view.spec.space.parameters.get(self.name):
            case Choice(values):
                return tuple(values)
            case Constant(value):
                return (value,)
            case None:
                return ()
        return None

    @cached_property
    def codes(self) -> Floats:
        options = self.options or ()
        if self.name not in self.view.spec.space.columns:
            return np.where(self.there, 0, -1)
        units = self._units()
        return np.where(self.there, np.minimum((units * len(options)).astype(int), len(options) - 1), -1)

    @cached_property
    def numbers(self) -> Floats:
        if self.options is not None:
            return self._by_option(_number)
        decoded = self.view.spec.space.column(self.name).decode(self._units()).astype(float)
        return np.where(self.there, decoded, np.nan)

    def matching(self, holds: Callable[[Value], bool]) -> Mask:
        """Where the value is one of those options for which it holds; nowhere for a range."""
        if self.options is None:
            return np.zeros(len(self.view.trials), np.bool_)
        return np.asarray(self._by_option(lambda value: float(holds(value))) == 1.0)

    def _by_option(self, of: Callable[[Value], float]) -> Floats:
        table = np.array([*(of(value) for value in self.options or ()), np.nan], float)
        return np.asarray(table[self.codes])

    def _units(self) -> Floats:
        index = self.view.spec.space.columns.index(self.name)
        return np.asarray(self.view.trials.units[:, index])


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers_of(view: View, name: str) -> Floats:
    """Of a field of kind number or time, or of a parameter; NaN where it is none."""
    if name.startswith(PARAMS):
        return Parameter(view, name.removeprefix(PARAMS)).numbers
    return view.trials.number.astype(float) if name == "number" else view.trials.numbers[name]


def labels_of(view: View, name: str) -> Labels:
    return view.trials.texts[name]
