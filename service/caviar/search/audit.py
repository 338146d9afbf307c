"""Whom a stopping rule would have wronged: some of those it would stop train on, chosen by lot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from caviar.search.randomness import generator
from caviar.search.stopping import Rungs, Stopper, Verdict

_STREAM = 11
_TOP = 0.1
_DEVIATIONS = 1.96


def is_audited(seed: int, number: int, share: float) -> bool:
    """Whether trial `number` trains on whatever the rule says: a lottery it enters with its own number."""
    return share > 0 and float(generator(seed, number, _STREAM).random()) < share


def was_condemned(stopper: Stopper, rungs: Rungs, number: int) -> bool:
    """Whether the rule would have stopped the trial at one of the rungs it has passed."""
    for rung, arrivals in rungs.items():
        if number in arrivals:
            before = list(arrivals).index(number)
            earlier = np.fromiter(arrivals.values(), float)[:before]
            if stopper.verdict(number, rung, earlier, arrivals[number]) is not Verdict.CONTINUE:
                return True
    return False


@dataclass(frozen=True, slots=True)
class Audit:
    """`ended` of the condemned trials trained to their end; `winners` of them beat every other trial's final value,
    `top` are among the best tenth of all. `low` and `high` bound the share of winners (95%, Wilson 1927)."""

    condemned: tuple[int, ...]
    ended: tuple[int, ...]
    winners: tuple[int, ...]
    top: tuple[int, ...]

    @property
    def low(self) -> float:
        return max(0.0, self._middle() - self._half())

    @property
    def high(self) -> float:
        return min(1.0, self._middle() + self._half())

    def _middle(self) -> float:
        count = len(self.ended)
        return (len(self.winners) + _DEVIATIONS**2 / 2) / (count + _DEVIATIONS**2)

    def _half(self) -> float:
        count = len(self.ended)
        share = len(self.winners) / count if count else 0.0
        inner = share * (1 - share) * count + _DEVIATIONS**2 / 4
        return _DEVIATIONS * math.sqrt(inner) / (count + _DEVIATIONS**2)


def audit(stopper: Stopper, rungs: Rungs, audited: Iterable[int], finals: Mapping[int, float]) -> Audit:
    """`audited`: the numbers drawn by lot; `finals`: of each completed trial its final value (minimised)."""
    condemned = tuple(number for number in audited if was_condemned(stopper, rungs, number))
    ended = tuple(number for number in condemned if number in finals)
    spared = [value for number, value in finals.items() if number not in condemned]
    best = min(spared, default=math.inf)
    bar = float(np.quantile(list(finals.values()), _TOP)) if finals else math.inf
    return Audit(
        condemned,
        ended,
        tuple(number for number in ended if finals[number] < best),
        tuple(number for number in ended if finals[number] <= bar),
    )
