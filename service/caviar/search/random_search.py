"""Independent draws on the right scales: the yardstick, and the best choice for very many short trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from caviar.domain.space import Space
from caviar.search.history import History
from caviar.search.randomness import uniforms
from caviar.search.sampling import Points, repaired
from caviar.search.searcher import Plan, Round, Suggestion


@dataclass(frozen=True, slots=True)
class RandomSearch:
    space: Space
    seed: int
    thinks: bool = False

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:  # noqa: ARG002
        numbers = range(first, first + count)
        drawn = uniforms(self.seed, first, count, self.space.dimension)
        return plan_of(self.space, numbers, repaired(self.space, self.seed, numbers, drawn), "random")


def plan_of(space: Space, numbers: Sequence[int], units: Sequence[Points | None], origin: str) -> Plan:
    """One suggestion per point, up to the first that could not be found."""
    found = []
    for unit in units:
        if unit is None:
            break
        found.append(unit)
    decoded = space.decode(np.array(found).reshape(-1, space.dimension))
    suggestions = tuple(
        Suggestion(number, params, unit, 0, origin)
        for number, params, unit in zip(numbers, decoded, found, strict=False)
    )
    return Plan(suggestions, exhausted=len(found) < len(units))
