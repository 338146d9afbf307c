"""TPE and GP through Optuna (an extra), fed with our history: restarts and replicas agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, GPSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from caviar.domain.space import Space
from caviar.search.history import History, Outcome
from caviar.search.randomness import generator
from caviar.search.sampling import first_feasible
from caviar.search.searcher import Plan, Round, Suggestion

Floats = NDArray[np.float64]
_STREAM = 6
_TRIES = 16
_SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "tpe": lambda seed: TPESampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed),
}
_STATES = {
    Outcome.OPEN: TrialState.RUNNING,
    Outcome.COMPLETED: TrialState.COMPLETE,
    Outcome.STOPPED: TrialState.COMPLETE,
    Outcome.FAILED: TrialState.COMPLETE,
    Outcome.INFEASIBLE: TrialState.COMPLETE,
}
"""Optuna's samplers do not see its failed trials: ours count as the worst that was measured."""


@dataclass(frozen=True, slots=True)
class OptunaSearch:
    """Optuna searches our unit cube, so that scales mean the same everywhere; a new study is made for each call."""

    space: Space
    seed: int
    method: str
    thinks: bool = True

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:  # noqa: ARG002
        study = self._study(history)
        found: list[Suggestion] = []
        for number in range(first, first + count):
            suggestion = self._suggestion(study, number)
            if suggestion is None:
                break
            found.append(suggestion)
            study.add_trial(self._trial(suggestion.unit, Outcome.OPEN, np.nan))
        return Plan(tuple(found), exhausted=len(found) < count)

    def _study(self, history: History) -> optuna.Study:
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study()
        optuna.logging.set_verbosity(level)
        rows = zip(history.units, history.states, _losses(history), strict=True)
        placed = [(unit, Outcome(state), value) for unit, state, value in rows if state != Outcome.OUTSIDE]
        study.add_trials([self._trial(*each) for each in placed])
        return study

    def _trial(self, unit: Floats, outcome: Outcome, value: float) -> FrozenTrial:
        state = _STATES.get(outcome, TrialState.FAIL)
        if state is TrialState.COMPLETE and not np.isfinite(value):
            state = TrialState.FAIL
        active = np.flatnonzero(self.space.active(unit[None])[0])
        axes = {self.space.columns[column]: self._axis(int(column)) for column in active}
        params = {name: self._coordinate(int(column), unit) for column, name in zip(active, axes, strict=True)}
        loss = float(value) if state is TrialState.COMPLETE else None
        return create_trial(state=state, value=loss, params=params, distributions=axes)

    def _suggestion(self, study: optuna.Study, number: int) -> Suggestion | None:
        """What Optuna suggests; another draw where constraints forbid it, the last resort being a random point."""
        rng = generator(self.seed, number, _STREAM)
        for _ in range(_TRIES):
            study.sampler = _SAMPLERS[self.method](int(rng.integers(2**31)))
            trial = study.ask()
            unit = self._asked(trial)
            study.tell(trial, state=TrialState.FAIL)
            if self.space.feasible(unit[None])[0]:
                return Suggestion(number, self.space.decode(unit[None])[0], unit, 0, self.method)
        drawn = first_feasible(self.space, rng)
        return None if drawn is None else Suggestion(number, self.space.decode(drawn[None])[0], drawn, 0, "random")

    def _asked(self, trial: optuna.Trial) -> Floats:
        """Parents come first among the columns, so that what is active is known when it is asked for."""
        unit = np.full(self.space.dimension, 0.5)
        for column, name in enumerate(self.space.columns):
            if self.space.active(unit[None])[0, column]:
                unit[column] = self._place(column, trial._suggest(name, self._axis(column)))  # noqa: SLF001
        snapped: Floats = self.space.snap(unit[None])[0]
        return snapped

    def _axis(self, column: int) -> BaseDistribution:
        cells = int(self.space.cells[column])
        if self.space.is_choice[column]:
            return CategoricalDistribution(range(cells))
        return IntDistribution(0, cells - 1) if cells else FloatDistribution(0.0, 1.0)

    def _coordinate(self, column: int, unit: Floats) -> Any:
        cells = int(self.space.cells[column])
        return min(int(unit[column] * cells), cells - 1) if cells else float(unit[column])

    def _place(self, column: int, value: Any) -> float:
        cells = int(self.space.cells[column])
        return (value + 0.5) / cells if cells else float(value)


def _losses(history: History) -> Floats:
    """With what failed as bad as the worst, once anything was measured."""
    broken = (history.states == Outcome.FAILED) | (history.states == Outcome.INFEASIBLE)
    finite = np.isfinite(history.values)
    worst = history.values[finite].max() if finite.any() else np.nan
    return np.where(broken, worst, history.values)
