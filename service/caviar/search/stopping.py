"""Rules that stop hopeless trials early. Pure: rungs in, verdicts out; values are minimised."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from operator import itemgetter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from caviar.domain.spec import StoppingSpec

WINDOW = 36
"""A rung compares with the latest arrivals only: against all of history an improving search stops nobody."""
Rungs = Mapping[int, Mapping[int, float]]
"""By rung, the value (minimised) of each trial that arrived there, by number, in order of arrival."""
_MAX_LEVELS = 10_000
_GOLDEN = (math.sqrt(5) - 1) / 2


class Verdict(StrEnum):
    CONTINUE = "continue"
    STOP = "stop"
    PAUSE = "pause"


class Stopper(Protocol):
    def crossed(self, number: int, after: float, upto: float) -> tuple[int, ...]:
        """The rungs that trial `number` passes when its step moves from `after` (-inf at the start) to `upto`."""
        ...

    def verdict(self, number: int, rung: int, earlier: NDArray[np.float64], value: float) -> Verdict:
        """Judge `value` on arrival at `rung` against those that came `earlier`, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Halving:
    """ASHA, stopping variant (Li et al. 2020): on each rung only the best 1/reduction of recent arrivals go on."""

    min_steps: float
    reduction: float
    max_steps: float = math.inf

    def crossed(self, number: int, after: float, upto: float) -> tuple[int, ...]:  # noqa: ARG002 - all trials alike
        return _passed(_levels(self.min_steps, self.reduction, self.max_steps), after, upto)

    def verdict(self, number: int, rung: int, earlier: NDArray[np.float64], value: float) -> Verdict:  # noqa: ARG002
        recent = np.append(earlier[-WINDOW:], value)
        kept = int(len(recent) / self.reduction)
        if kept < 1:
            return Verdict.CONTINUE
        ranked = np.where(np.isnan(recent), np.inf, recent)
        fine = ranked[-1] < np.inf and ranked[-1] <= np.partition(ranked, kept - 1)[kept - 1]
        return Verdict.CONTINUE if fine else Verdict.STOP


@dataclass(frozen=True, slots=True)
class Hyperband:
    """Brackets of halving that start later and later, trials spread over them in Hyperband's proportions.

    A bracket's rungs are its own: rung = bracket × brackets + level, so that `earlier` never mixes them.
    """

    min_steps: float
    reduction: float
    max_steps: float

    @property
    def brackets(self) -> int:
        return max(1, math.floor(math.log(self.max_steps / self.min_steps) / math.log(self.reduction) + 1e-9) + 1)

    def bracket(self, number: int) -> int:
        """Bracket s starts at min_steps × reduction**s; shares as in Li et al. 2018, spread by the golden ratio."""
        top = self.brackets - 1
        shares = np.array([(top + 1) / (top - s + 1) * self.reduction ** (top - s) for s in range(top + 1)])
        place = (0.5 + number * _GOLDEN) % 1.0
        return int(np.searchsorted(np.cumsum(shares) / shares.sum(), place, side="right"))

    def crossed(self, number: int, after: float, upto: float) -> tuple[int, ...]:
        bracket = self.bracket(number)
        start = self.min_steps * self.reduction**bracket
        passed = _passed(_levels(start, self.reduction, self.max_steps), after, upto)
        return tuple(bracket * self.brackets + level for level in passed)

    def verdict(self, number: int, rung: int, earlier: NDArray[np.float64], value: float) -> Verdict:
        return Halving(self.min_steps, self.reduction).verdict(number, rung, earlier, value)


@dataclass(frozen=True, slots=True)
class Promotion:
    """ASHA as published (Li et al. 2020, algorithm 2), or brackets of it: whoever is not among the best 1/reduction of
    all arrivals at a rung is paused there, and goes on once it is, as later ones arrive."""

    rule: Halving | Hyperband

    def crossed(self, number: int, after: float, upto: float) -> tuple[int, ...]:
        return self.rule.crossed(number, after, upto)

    def verdict(self, number: int, rung: int, earlier: NDArray[np.float64], value: float) -> Verdict:  # noqa: ARG002
        leads = len(earlier) in self._leaders(np.append(earlier, value))
        return Verdict.CONTINUE if leads else Verdict.PAUSE

    def promotable(self, rungs: Rungs, paused: Collection[int]) -> list[int]:
        """Of the trials `paused` at their last rung, those that may go on: of later rungs first, then best first."""
        found: list[int] = []
        for arrivals, above in _from_the_top(rungs):
            numbers = list(arrivals)
            leaders = [numbers[place] for place in self._leaders(np.fromiter(arrivals.values(), float))]
            found += [number for number in leaders if number in paused and not _is_in(number, above)]
        return found

    def _leaders(self, values: NDArray[np.float64]) -> list[int]:
        """The places of the best 1/reduction, best first; of equals the one that came first."""
        kept = int(len(values) / self.rule.reduction)
        order = np.argsort(np.where(np.isnan(values), np.inf, values), kind="stable")[:kept]
        return [place for place in order.tolist() if values[place] < np.inf]


def front_runner(rungs: Rungs, paused: Collection[int]) -> int | None:
    """The best of the trials paused at the last rung that has any: who goes on if nobody may and one shall."""
    for arrivals, above in _from_the_top(rungs):
        here = [(value, number) for number, value in arrivals.items() if number in paused and not _is_in(number, above)]
        finite = [each for each in here if each[0] < math.inf]
        if finite:
            return min(finite, key=itemgetter(0))[1]
    return None


@dataclass(frozen=True, slots=True)
class Median:
    """Stops a trial that is worse than the median of the others at the same step, once five have been there.

    Every step is a rung at first, then one in about ten per cent more: a long training makes few comparisons.
    """

    min_steps: float
    enough: int = 5

    def crossed(self, number: int, after: float, upto: float) -> tuple[int, ...]:  # noqa: ARG002 - all trials alike
        return _passed(_steps(self.min_steps), after, upto)

    def verdict(self, number: int, rung: int, earlier: NDArray[np.float64], value: float) -> Verdict:  # noqa: ARG002
        if len(earlier) < self.enough:
            return Verdict.CONTINUE
        middle = np.median(np.where(np.isnan(earlier), np.inf, earlier))
        return Verdict.CONTINUE if value <= middle else Verdict.STOP


def build_stopper(stopping: StoppingSpec, max_steps: float | None) -> Stopper | None:
    """The stopper of a study; `max_steps` is the longest training known, None when nobody said."""
    lowest, reduction = float(stopping.min_steps), float(stopping.reduction)
    match stopping.rule:
        case "none":
            return None
        case "asha":
            halving = Halving(lowest, reduction, math.inf if max_steps is None else float(max_steps))
            return Promotion(halving) if stopping.promotes else halving
        case "hyperband":
            hyperband = Hyperband(lowest, reduction, float(max_steps) if max_steps else lowest * reduction**4)
            return Promotion(hyperband) if stopping.promotes else hyperband
        case "median":
            return Median(lowest)
        case unknown:
            raise ValueError(f"no stopping rule is called {unknown}")


def _from_the_top(rungs: Rungs) -> Iterator[tuple[Mapping[int, float], list[Mapping[int, float]]]]:
    """Each rung's arrivals with those of the rungs above, the last rung first."""
    above: list[Mapping[int, float]] = []
    for rung in sorted(rungs, reverse=True):
        yield rungs[rung], above
        above.append(rungs[rung])


def _is_in(number: int, rungs: list[Mapping[int, float]]) -> bool:
    return any(number in arrivals for arrivals in rungs)


def _levels(start: float, reduction: float, below: float) -> Iterator[float]:
    """start, start × reduction, … below the end: nobody is judged when the training is over anyway."""
    level = start
    for _ in range(_MAX_LEVELS):
        if level >= below or math.isinf(level):
            return
        yield level
        level *= reduction


def _steps(start: float) -> Iterator[float]:
    level = start
    for _ in range(_MAX_LEVELS):
        yield level
        level += max(1.0, math.floor(0.1 * level))


def _passed(levels: Iterator[float], after: float, upto: float) -> tuple[int, ...]:
    reached = enumerate(takewhile(lambda level: level <= upto, levels))
    return tuple(rung for rung, level in reached if level > after)
