"""CMA-ES by the package that Optuna uses for it (an extra), as a function of the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cmaes import CMA
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.history import History, Outcome
from caviar.search.randomness import generator
from caviar.search.sampling import repaired
from caviar.search.searcher import Plan, Round, Suggestion

Floats = NDArray[np.float64]
_STREAM = 7
_SIGMA = 0.3


@dataclass(frozen=True, slots=True)
class CmaesSearch:
    """A trial's `round` is its generation; one ends when enough of its trials have. For continuous spaces: choices are
    cut from a continuous axis."""

    space: Space
    seed: int
    thinks: bool = True

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:  # noqa: ARG002
        strategy = self._replayed(history)
        numbers = range(first, first + count)
        drawn = np.array([self._drawn(strategy, number) for number in numbers]).reshape(-1, self.space.dimension)
        units = repaired(self.space, self.seed, numbers, drawn)
        found = [(number, unit) for number, unit in zip(numbers, units, strict=True) if unit is not None]
        suggestions = tuple(
            Suggestion(number, self.space.decode(unit[None])[0], unit, strategy.generation, "cmaes")
            for number, unit in found
        )
        return Plan(suggestions, exhausted=len(suggestions) < count)

    def _replayed(self, history: History) -> CMA:
        """The strategy after every generation that has its results; of too many results, the first by number."""
        dimension = max(2, self.space.dimension)  # the package knows no line: an idle axis joins it
        bounds = np.tile([0.0, 1.0], (dimension, 1))
        strategy = CMA(np.full(dimension, 0.5), _SIGMA, bounds, seed=self.seed % 2**32)
        losses = _losses(history)
        ended = (history.states != Outcome.OPEN) & (history.states != Outcome.OUTSIDE)
        while True:
            rows = np.flatnonzero((history.rounds == strategy.generation) & ended)[: strategy.population_size]
            if len(rows) < strategy.population_size or strategy.should_stop():
                return strategy
            points = np.pad(history.units[rows], ((0, 0), (0, dimension - history.dimension)), constant_values=0.5)
            strategy.tell(list(zip(points, losses[rows].tolist(), strict=True)))

    def _drawn(self, strategy: CMA, number: int) -> Floats:
        strategy.reseed_rng(int(generator(self.seed, number, _STREAM).integers(2**31)))
        drawn: Floats = strategy.ask()[: self.space.dimension]
        return drawn


def _losses(history: History) -> Floats:
    """Without a value: as bad as the worst."""
    finite = np.isfinite(history.values)
    worst = history.values[finite].max() if finite.any() else 0.0
    return np.where(finite, history.values, worst)
