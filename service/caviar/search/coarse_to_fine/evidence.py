"""What the history says: losses of the trials that ended, points of those that still run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caviar.search.history import History, Outcome

Floats = NDArray[np.float64]
_HUGE = 1e150
"""Losses beyond this are taken as this, so that their squares are finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """n ended trials by number. `losses` are finite: failed ones count as the worst seen, stopped ones as no better
    than the middle of the completed. `raw` is what was measured last, at `fidelity` (1 = trained to the end)."""

    numbers: NDArray[np.int64]
    units: Floats
    losses: Floats
    raw: Floats
    fidelity: Floats
    running: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, history: History) -> Evidence:
        states, values = history.states, history.values
        values = np.clip(values, -_HUGE, _HUGE, where=np.isfinite(values), out=values.copy())
        measured = np.isfinite(values) & ((states == Outcome.COMPLETED) | (states == Outcome.STOPPED))
        broken = (states == Outcome.FAILED) | (states == Outcome.INFEASIBLE)
        broken |= (states == Outcome.COMPLETED) & ~np.isfinite(values)
        ended = measured | broken
        raw = np.where(measured, values, np.max(values[measured], initial=-np.inf))[ended]
        raw = np.where(np.isfinite(raw), raw, 0.0)
        stopped = (states == Outcome.STOPPED)[ended]
        return cls(
            numbers=history.numbers[ended],
            units=history.units[ended],
            losses=_pessimistic(raw, stopped),
            raw=raw,
            fidelity=_fidelity(history.steps[ended], stopped),
            running=history.units[states == Outcome.OPEN],
        )


def _pessimistic(raw: Floats, stopped: NDArray[np.bool_]) -> Floats:
    """A stopped trial was not among the best, whatever it showed when it was stopped."""
    if not stopped.any() or stopped.all():
        return raw
    return np.where(stopped, np.maximum(raw, np.median(raw[~stopped])), raw)


def _fidelity(steps: Floats, stopped: NDArray[np.bool_]) -> Floats:
    """log(step) / log(longest) of stopped trials in [0, 1]; 1 for the rest and where steps are not known."""
    fidelity = np.ones(len(steps))
    known = stopped & (steps >= 1)
    longest = np.nanmax(steps, initial=1.0)
    if longest > 1:
        fidelity[known] = np.log(steps[known]) / np.log(longest)
    return fidelity
