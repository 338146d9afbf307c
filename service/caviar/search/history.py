"""What a search may know: one row per trial, in columns, ordered by trial number."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Outcome(IntEnum):
    """How a trial stands, as far as a search cares."""

    OPEN = 0
    COMPLETED = 1
    STOPPED = 2
    FAILED = 3
    INFEASIBLE = 4
    CANCELLED = 5
    OUTSIDE = 6
    """The space as it is now lacks the configuration: it takes a number and says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Columns of equal length n; row order is trial number, so the order of tells leaves no trace.

    `values` are minimised (negated where the study maximises); NaN stands for none, in `steps` too.
    """

    numbers: NDArray[np.int64]
    units: NDArray[np.float64]
    values: NDArray[np.float64]
    states: NDArray[np.int8]
    steps: NDArray[np.float64]
    rounds: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def dimension(self) -> int:
        return int(self.units.shape[1])

    @classmethod
    def empty(cls, dimension: int) -> History:
        return HistoryBuffer(dimension).view()

    def detached(self) -> History:
        """A copy that later changes of the buffer cannot reach: for thinking outside a transaction."""
        return replace(self, **{field.name: getattr(self, field.name).copy() for field in fields(self)})


class HistoryBuffer:
    """A history that grows: append and update in amortised constant time, views without copying."""

    def __init__(self, dimension: int, capacity: int = 64) -> None:
        self._size = 0
        self._columns = History(
            numbers=np.zeros(capacity, np.int64),
            units=np.zeros((capacity, dimension)),
            values=np.full(capacity, np.nan),
            states=np.zeros(capacity, np.int8),
            steps=np.full(capacity, np.nan),
            rounds=np.zeros(capacity, np.int32),
        )

    def __len__(self) -> int:
        return self._size

    def append(self, number: int, unit: NDArray[np.float64], round_index: int) -> None:
        """Open a trial. Numbers must come in ascending order; gaps are allowed."""
        if self._size and number <= self._columns.numbers[self._size - 1]:
            raise ValueError(f"trial {number} does not follow trial {self._columns.numbers[self._size - 1]}")
        if self._size == len(self._columns.numbers):
            self._grow()
        row, columns = self._size, self._columns
        columns.numbers[row], columns.units[row], columns.rounds[row] = number, unit, round_index
        columns.values[row], columns.states[row], columns.steps[row] = np.nan, Outcome.OPEN, np.nan
        self._size += 1

    def update(self, number: int, state: Outcome, value: float | None, step: float | None = None) -> None:
        """Set how trial `number` stands; `value` is already minimised, None and NaN mean none."""
        row = self._row(number)
        self._columns.states[row] = state
        self._columns.values[row] = np.nan if value is None else value
        self._columns.steps[row] = np.nan if step is None else step

    def view(self) -> History:
        """The history as it is now, read-only; updates of the rows seen here show through until `detached`."""
        return History(**{field.name: self._readable(field.name) for field in fields(History)})

    def _readable(self, column: str) -> Any:
        rows: NDArray[Any] = getattr(self._columns, column)[: self._size]
        rows.flags.writeable = False
        return rows

    def _row(self, number: int) -> int:
        numbers = self._columns.numbers[: self._size]
        row = (
            number if 0 <= number < self._size and numbers[number] == number else int(np.searchsorted(numbers, number))
        )
        if not 0 <= row < self._size or numbers[row] != number:
            raise KeyError(number)
        return row

    def _grow(self) -> None:
        old = self._columns
        grown = {field.name: _doubled(getattr(old, field.name)) for field in fields(History)}
        self._columns = History(**grown)


def _doubled(column: NDArray[Any]) -> Any:
    wider = np.zeros((2 * len(column), *column.shape[1:]), column.dtype)
    wider[: len(column)] = column
    return wider
