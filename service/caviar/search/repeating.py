"""The best configurations once more, with other seeds, in the last part of the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from caviar.domain.space import Space
from caviar.domain.spec import SEED, RepeatSpec
from caviar.domain.values import Value
from caviar.search.history import History, Outcome
from caviar.search.randomness import generator
from caviar.search.recommend import standings
from caviar.search.searcher import Plan, Round, Searcher, Suggestion

ORIGIN = "repeat"
_STREAM = 12
_SEEDS = 2**31


def trial_seed(seed: int, number: int) -> int:
    """The seed of trial `number`'s training, in [0, 2**31): no two trials share one but by accident."""
    return int(generator(seed, number, _STREAM).integers(_SEEDS))


@dataclass(frozen=True, slots=True, eq=False)
class Repeating:
    """The last top × seeds trials repeat the `top` configurations that looked best when first tried, each `seeds`
    times; nobody waits for the search to end: whoever looks best by then is next. Only
    a space that is used up waits for its last results: they may have to be repeated.

    In a race (Maron & Moore 1994) each gets two repeats, then only those that tie with the best mean get more, until
    one is alone or the budget is gone; what a decided race leaves goes to the search.

    Trials of one configuration have one point of the cube: that is their link. Each trial has a seed of its own.
    """

    space: Space
    seed: int
    trials: int
    repeat: RepeatSpec
    inner: Searcher

    @property
    def thinks(self) -> bool:
        return self.inner.thinks

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        searching = min(count, max(0, self.trials - self.repeat.trials - first))
        plan = self.inner.suggest(history, rounds, first, searching) if searching else Plan(())
        made = list(plan.suggestions)
        if plan.exhausted or len(made) == searching < count:
            made += self._repeats(history, first + len(made), count - len(made))
        if not made and not plan.exhausted:
            plan = self.inner.suggest(history, rounds, first, count)
            made = list(plan.suggestions)
        seeded = tuple(replace(each, params=self._seeded(each.number, each.params)) for each in made)
        awaited = bool(plan.suggestions) or bool((history.states == Outcome.OPEN).any())
        return Plan(seeded, plan.rounds, exhausted=plan.exhausted and len(made) < count and not awaited)

    def _seeded(self, number: int, params: dict[str, Value]) -> dict[str, Value]:
        return {**params, SEED: trial_seed(self.seed, number)}

    def _repeats(self, history: History, first: int, count: int) -> list[Suggestion]:
        """Of the configurations that lack repeats the one with the fewest, of equals the best."""
        runs = Counter(unit.tobytes() for unit in history.units[history.states != Outcome.CANCELLED])
        best = self._best(history)
        ties = _ties(history) if self.repeat.race else {}
        found: list[Suggestion] = []
        for number in range(first, first + count):
            lacking = [
                row for row in best if self._lacks(int(history.numbers[row]), runs[history.units[row].tobytes()], ties)
            ]
            if not lacking:
                return found
            row = min(lacking, key=lambda row: runs[history.units[row].tobytes()])
            unit = history.units[row].copy()
            runs[unit.tobytes()] += 1
            params = self.space.decode(unit[None])[0]
            found.append(Suggestion(number, params, unit, max(0, int(history.rounds[row])), ORIGIN))
        return found

    def _lacks(self, number: int, runs: int, ties: Mapping[int, bool]) -> bool:
        """Whether the configuration that trial `number` was the first of, begun `runs` times, is to be repeated."""
        return ties.get(number, runs <= self.repeat.seeds)

    def _best(self, history: History) -> list[int]:
        """Rows of the `top` best configurations by the value of their first completed trial."""
        fine = np.flatnonzero((history.states == Outcome.COMPLETED) & np.isfinite(history.values))
        firsts: dict[bytes, int] = {}
        for row in fine.tolist():
            firsts.setdefault(history.units[row].tobytes(), row)
        return sorted(firsts.values(), key=lambda row: (history.values[row], row))[: self.repeat.top]


def _ties(history: History) -> dict[int, bool]:
    """By first trial, for configurations with two ended repeats or more: whether it is not told from the best yet.
    False for a best that is alone: nothing is left to tell."""
    fine = np.flatnonzero((history.states == Outcome.COMPLETED) & np.isfinite(history.values))
    known = standings(history, fine)
    alone = sum(each.ties for each in known) == 1
    return {each.number: each.ties and not alone for each in known}
