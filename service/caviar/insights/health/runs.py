"""Trials that take too long, and trials that were made twice."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from caviar.insights.health.finding import Finding
from caviar.insights.views import View

FEWEST: Final = 8
_LONG: Final = 5.0
_SOON: Final = 60.0
_MEANT: Final = ("manual", "repeat", "initial")


def stuck_trials(view: View, now: float) -> Iterator[Finding]:
    """Running for more than a minute and five times as long as nine in ten completed ones took."""
    numbers, state = view.trials.numbers, view.trials.texts["state"]
    seconds = numbers["seconds"][view.ranked & np.isfinite(numbers["seconds"])]
    if len(seconds) < FEWEST:
        return
    usual = float(np.quantile(seconds, 0.9))
    running = state.among(("running",)) & (now - numbers["started_at"] > max(_SOON, _LONG * usual))
    stuck = tuple(view.trials.number[running].tolist())
    if stuck:
        longest = now - float(np.nanmin(numbers["started_at"][running]))
        said = f"{_trials(len(stuck))} for up to {longest:.0f} s, where nine in ten end within {usual:.3g} s"
        hint = "Look at its log; stop it, or set budget.trial_seconds."
        yield Finding("stuck", "warning", said, hint, trials=stuck)


def _trials(count: int) -> str:
    return "one trial has been running" if count == 1 else f"{count} trials have been running"


def duplicates(view: View, _: float) -> Iterator[Finding]:
    """The same configuration more than once, where nobody asked for it. (A continuous space has none.)"""
    origin = view.trials.texts["origin"]
    meant = origin.among([name for name in origin.names if name.partition(":")[0] in _MEANT])
    rows = np.flatnonzero(~meant)
    if len(rows) < 2:
        return
    raw = np.ascontiguousarray(view.trials.units[rows]).view(f"V{8 * view.trials.units.shape[1]}").ravel()
    first = np.unique(raw, return_index=True)[1]
    again = np.delete(rows, first)
    if len(again) > max(1, len(rows) // 20):
        said = f"{len(again)} of {len(rows)} trials repeat a configuration that was tried before"
        hint = "The space has few configurations left: widen it, or end the study."
        yield Finding("duplicates", "note", said, hint, trials=tuple(view.trials.number[again].tolist()))
