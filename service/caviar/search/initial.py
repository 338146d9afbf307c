"""The configurations that people ask for come first, whatever the strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import Value
from caviar.domain.space import Space
from caviar.search.history import History
from caviar.search.randomness import generator
from caviar.search.sampling import first_feasible
from caviar.search.searcher import Plan, Round, Searcher, Suggestion

BY_HAND = -1
"""The round of a trial that no search suggested: it takes a number but no place in a sequence."""
INHERITED = -2
"""The round of another study's result: its number is below 0, and it takes no place in a sequence."""
_STREAM = 2
_TRIES = 512


def place(history: History, number: int) -> int:
    """The place of trial `number` in the search's own sequence: trials enqueued by hand do not count."""
    return number - int(np.count_nonzero(history.rounds == BY_HAND))


@dataclass(frozen=True, slots=True)
class InitialFirst:
    """Suggests `initial` in order and leaves the rest to `then`. What a configuration leaves open is drawn."""

    space: Space
    seed: int
    initial: Sequence[Mapping[str, Value]]
    then: Searcher

    @property
    def thinks(self) -> bool:
        return self.then.thinks

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        start = place(history, first)
        given = [self._configured(number, start + i) for i, number in enumerate(range(first, first + count))]
        ready = tuple(suggestion for suggestion in given if suggestion is not None)
        rest = self.then.suggest(history, rounds, first + len(ready), count - len(ready))
        return replace(rest, suggestions=ready + rest.suggestions)

    def _configured(self, number: int, index: int) -> Suggestion | None:
        if index >= len(self.initial):
            return None
        unit, params = completed(self.space, self.initial[index], generator(self.seed, index, _STREAM))
        return Suggestion(number, params, unit, 0, "initial")


def completed(
    space: Space, given: Mapping[str, Value], rng: np.random.Generator
) -> tuple[NDArray[np.float64], dict[str, Value]]:
    """A full configuration with the given values kept to the letter, a feasible one when draws find any."""
    columns = [column for column, name in enumerate(space.columns) if name in given]
    drawn = rng.random((_TRIES, space.dimension))
    drawn[:, columns] = [
        space.column(space.columns[column]).position(given[space.columns[column]]) for column in columns
    ]
    drawn = space.snap(drawn)
    kept = np.asarray(space.active(drawn)[:, columns].all(axis=1))
    fitting = np.flatnonzero(kept & space.feasible(drawn))
    row = int(fitting[0]) if len(fitting) else int(np.argmax(kept))
    unit = drawn[row]
    if not kept[row]:
        found = first_feasible(space, rng)
        unit = unit if found is None else found
    params = space.decode(unit[None])[0]
    return unit, {name: given.get(name, value) for name, value in params.items()}
