"""Any searcher, let loose on one tier of parameters after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.history import History, Outcome
from caviar.search.searcher import Plan, Round, Searcher, Suggestion
from caviar.search.tiers.flat import NO_RESULT, reason_to_open
from caviar.search.tiers.places import Place, held, reduced, stages
from caviar.search.tiers.words import opened, started, with_held, without_held

Floats = NDArray[np.float64]
_SAME = 1e-9
_IDLE = 0.5
RULE = "tier"
"""Of the round with which a tier opens: how many of them are stored says which tier is the newest."""


@dataclass(slots=True, eq=False)
class Stage:
    """The study while one tier is the newest: `inner` searches `small`, the space with all that waits held still."""

    space: Space
    tier: int
    waiting: tuple[Place, ...]
    small: Space
    inner: Searcher
    columns: NDArray[np.intp] = field(init=False)
    kept: Floats = field(init=False)

    def __post_init__(self) -> None:
        own = set(self.small.columns)
        self.columns = np.array([index for index, name in enumerate(self.space.columns) if name in own], np.intp)
        self.kept = self.space.encode({place.parameter: place.default for place in self.waiting})

    def projected(self, history: History) -> History:
        """What the inner searcher sees: a trial that ended with other values of what is held tells it nothing."""
        units = history.units[:, self.columns]
        strange = np.any(np.abs(self._widened(units) - history.units) > _SAME, axis=1)
        hidden = strange & (history.states != Outcome.OPEN)
        return replace(history, units=units, states=np.where(hidden, Outcome.CANCELLED, history.states).astype(np.int8))

    def suggestion(self, small: Suggestion, newest: int) -> Suggestion:
        """In the whole space; outside every box it belongs to the round of the newest tier."""
        return replace(small, unit=self._widened(small.unit[None])[0], round=small.round or newest)

    def _widened(self, units: Floats) -> Floats:
        """(n, d) of the whole space: what is held stands at its default, or idle where it is not in force."""
        wide = np.tile(self.kept, (len(units), 1))
        wide[:, self.columns] = units
        return np.where(self.space.active(wide), wide, _IDLE)


@dataclass(slots=True, eq=False)
class TieredSearch:
    """`build` makes the searcher of a space. Rounds tell which tier is open: a restart changes nothing."""

    space: Space
    trials: int
    places: tuple[Place, ...]
    build: Callable[[Space], Searcher]
    _stages: dict[int, Stage] = field(default_factory=dict)

    @property
    def thinks(self) -> bool:
        return self._stage(0).inner.thinks

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        tiers = stages(self.places)
        records, made = list(rounds), list[Suggestion]()
        index = min(sum(record.rule == RULE for record in rounds), len(tiers) - 1)  # an edit may have removed tiers
        if why := self._reason(history, rounds, index, len(tiers)):
            index += 1
            records.append(self._opened(history, records, first, index, why))
        while True:
            plan = self._asked(history, records, first + len(made), count - len(made), index)
            records, made = list(plan.rounds), [*made, *plan.suggestions]
            if not plan.exhausted or index + 1 == len(tiers):
                return Plan(tuple(made), tuple(records[len(rounds) :]), plan.exhausted)
            index += 1
            why = "there is nothing left to try without it"
            records.append(self._opened(history, records, first + len(made), index, why))

    def _asked(self, history: History, records: list[Round], first: int, count: int, index: int) -> Plan:
        """The inner searcher's plan in the words of the whole space; its `rounds` are all of them, old and new."""
        stage = self._stage(index)
        known = [without_held(stage.small, record) for record in records]
        plan = stage.inner.suggest(stage.projected(history), known, first, count)
        added = [with_held(self.space, record, stage.waiting) for record in plan.rounds]
        if not records:
            added = started(self.space, stage.small, stage.waiting, added, first, stage.tier)
        every = [*records, *added]
        newest = max((record.index for record in every if record.rule == RULE), default=0)
        return replace(
            plan, rounds=tuple(every), suggestions=tuple(stage.suggestion(each, newest) for each in plan.suggestions)
        )

    def _reason(self, history: History, rounds: Sequence[Round], index: int, count: int) -> str | None:
        if not rounds or index + 1 >= count:
            return None
        since = max((record.first_number for record in rounds if record.rule == RULE), default=0)
        return reason_to_open(history, since, self.trials, count)

    def _opened(self, history: History, records: Sequence[Round], first: int, index: int, why: str) -> Round:
        stage = self._stage(index)
        finished = int(np.sum(~np.isin(history.states, NO_RESULT)))
        names = [place.parameter for place in self.places if place.tier == stage.tier]
        draft = Round(len(records), 0, first, finished, (), f"tier {stage.tier} opens: {why}", rule=RULE)
        return opened(self.space, stage.small, stage.waiting, draft, names)

    def _stage(self, index: int) -> Stage:
        if index not in self._stages:
            tier = stages(self.places)[index]
            waiting = held(self.places, tier)
            small = reduced(self.space, waiting)
            self._stages[index] = Stage(self.space, tier, waiting, small, self.build(small))
        return self._stages[index]
