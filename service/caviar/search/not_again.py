"""A configuration that failed is not suggested a second time, whatever the strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.keys import key, keys
from caviar.search.history import History, Outcome
from caviar.search.randomness import generator
from caviar.search.sampling import Points
from caviar.search.searcher import Plan, Round, Searcher, Suggestion

_STREAM = 8
_DRAWS = 256


@dataclass(frozen=True, slots=True)
class NotAgain:
    """Replaces what `then` suggests where that has failed before by a random point that has not; where nearly all has
    failed, the suggestion stands."""

    space: Space
    seed: int
    then: Searcher

    @property
    def thinks(self) -> bool:
        return self.then.thinks

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        plan = self.then.suggest(history, rounds, first, count)
        failed = history.units[(history.states == Outcome.FAILED) | (history.states == Outcome.INFEASIBLE)]
        if not len(failed):
            return plan
        hopeless = set(keys(failed))
        return replace(plan, suggestions=tuple(self._other(each, hopeless) for each in plan.suggestions))

    def _other(self, suggestion: Suggestion, hopeless: set[bytes]) -> Suggestion:
        if key(suggestion.unit) not in hopeless:
            return suggestion
        unit = self._drawn(suggestion.number, hopeless)
        if unit is None:
            return suggestion
        params = self.space.decode(unit[None])[0]
        return Suggestion(suggestion.number, params, unit, suggestion.round, "random")

    def _drawn(self, number: int, hopeless: set[bytes]) -> Points | None:
        drawn = self.space.snap(generator(self.seed, number, _STREAM).random((_DRAWS, self.space.dimension)))
        fine = np.flatnonzero(self.space.feasible(drawn))
        return next((drawn[row] for row in fine if key(drawn[row]) not in hopeless), None)
