"""The searcher: rounds that are due, then points, each a function of seed, number, history and rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.fitting import scales_in, with_model
from caviar.search.coarse_to_fine.keys import key, keys
from caviar.search.coarse_to_fine.leftover import unused_point
from caviar.search.coarse_to_fine.propose import Proposer
from caviar.search.coarse_to_fine.region import Region, places_of
from caviar.search.coarse_to_fine.rounds import live_boxes, new_rounds
from caviar.search.history import History, Outcome
from caviar.search.initial import INHERITED, place
from caviar.search.randomness import generator
from caviar.search.sampling import repaired
from caviar.search.searcher import Plan, Round, Suggestion
from caviar.search.sobol import SobolSequence

Floats = NDArray[np.float64]
BoxMaker = Callable[[int, int], Round]
_STREAM = 4
_FEWEST_RESULTS = 4


@dataclass(slots=True)
class CoarseToFine:
    """Coarse-to-fine for a study of `trials` trials; the first `skip` places belong to initial configurations."""

    space: Space
    seed: int
    trials: int = 100
    skip: int = 0
    thinks: bool = True
    inherited_box: BoxMaker | None = None
    """Makes the box of a region that was taken over, given its index and the first trial's number."""
    sequence: SobolSequence = field(init=False)

    def __post_init__(self) -> None:
        self.sequence = SobolSequence(self.space.dimension, self.seed)

    @property
    def coarse(self) -> int:
        """How many trials sample the whole space evenly before anything is concluded."""
        usual = max(10, min(2 * self.space.dimension, 20))
        return max(_FEWEST_RESULTS, min(usual, self.trials // 3))

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        evidence = Evidence.of(history)
        opened = new_rounds(self.space, rounds, evidence, first, self.coarse)
        if not rounds and self.inherited_box is not None:
            opened.append(self.inherited_box(len(opened), first))
        if len(evidence) >= self.coarse:
            opened = with_model(self.space, self.seed, rounds, opened, evidence, first)
        call = _Call(self, history, evidence, [*rounds, *opened], first, count)
        suggestions = call.suggestions()
        return Plan(tuple(suggestions), tuple(opened), exhausted=len(suggestions) < count)


@dataclass(slots=True)
class _Call:
    """One call of suggest: the model is built once, when the first point needs it."""

    search: CoarseToFine
    history: History
    evidence: Evidence
    rounds: Sequence[Round]
    first: int
    count: int
    regions: list[tuple[int, Region]] = field(init=False)
    proposer: Proposer | None = None
    used: set[bytes] = field(init=False)
    running: list[Floats] = field(init=False)

    def __post_init__(self) -> None:
        space = self.search.space
        boxes = live_boxes(space, self.rounds, self.evidence)
        self.regions = [(0, Region.whole(space)), *((box.last.index, box.region) for box in boxes)]
        self.used = set(keys(self.history.units[self.history.states != Outcome.OUTSIDE]))
        self.running = list(self.evidence.running)

    def suggestions(self) -> list[Suggestion]:
        found: list[Suggestion] = []
        for number in range(self.first, self.first + self.count):
            suggestion = self._suggestion(number)
            if suggestion is None:
                break
            found.append(suggestion)
        return found

    def _suggestion(self, number: int) -> Suggestion | None:
        found = self._even(number) or self._chosen(number) or self._left(number)
        if found is None:
            return None
        unit, origin = found
        self.used.add(key(unit))
        self.running.append(unit)
        return Suggestion(number, self.search.space.decode(unit[None])[0], unit, self._round_of(unit), origin)

    def _even(self, number: int) -> tuple[Floats, str] | None:
        """A point of the coarse round, also while too little is known for anything else."""
        index = place(self.history, number)
        known = int(np.count_nonzero(self.history.rounds == INHERITED))
        if index + known >= self.search.coarse and len(self.evidence) >= _FEWEST_RESULTS:
            return None
        drawn = self.search.sequence.points(max(0, index - self.search.skip), 1)
        unit = repaired(self.search.space, self.search.seed, [number], drawn)[0]
        return None if unit is None or key(unit) in self.used else (unit, "sobol")

    def _chosen(self, number: int) -> tuple[Floats, str] | None:
        if len(self.evidence) < _FEWEST_RESULTS:
            return None
        if self.proposer is None:
            self.proposer = self._thinking(number)
        found = self.proposer.next(generator(self.search.seed, number, _STREAM), self.used)
        if found is not None:
            self.proposer.take(found[0])
        return found

    def _thinking(self, number: int) -> Proposer:
        regions = [region for _, region in self.regions]
        left = self.first + self.count - number
        search, evidence = self.search, replace(self.evidence, running=self._running())
        return Proposer.of(search.space, search.seed, evidence, regions, scales_in(self.rounds), left)

    def _running(self) -> Floats:
        """What was suggested earlier in this call runs as well."""
        return np.array(self.running).reshape(-1, self.search.space.dimension)

    def _left(self, number: int) -> tuple[Floats, str] | None:
        """Any point not used yet: what is left when draws find nothing new."""
        unit = unused_point(self.search.space, self.search.seed, number, self.used)
        return None if unit is None else (unit, "leftover")

    def _round_of(self, unit: Floats) -> int:
        """The newest round whose region holds the point."""
        point = places_of(self.search.space, unit[None])
        return max(index for index, region in self.regions if region.contains(point)[0])
