"""Every configuration of a grid once, in an order shuffled by the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from caviar.domain.space import Space
from caviar.search.grid_tree import GridTree
from caviar.search.history import History
from caviar.search.initial import place
from caviar.search.permutation import Permutation
from caviar.search.random_search import plan_of
from caviar.search.sampling import Points
from caviar.search.searcher import Plan, Round

_SCAN = 64


@dataclass(slots=True)
class GridSearch:
    """`points` says how many values a continuous parameter gets (10 when it is silent), ends included.

    With constraints the k-th suggestion is the k-th point that holds them; where the last look ended is kept, a
    memo that nothing depends on.
    """

    space: Space
    seed: int
    points: Mapping[str, int] = field(default_factory=dict)
    skip: int = 0
    thinks: bool = False
    tree: GridTree = field(init=False)
    order: Permutation = field(init=False)
    _reached: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.tree = GridTree(self.space, self.points)
        self.order = Permutation(self.tree.count, self.seed)

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:  # noqa: ARG002
        start = max(0, place(history, first) - self.skip)
        found = self._between(start, start + count) if self.space.constraints else self._at(start, count)
        padded = [*found, *[None] * (count - len(found))]
        return plan_of(self.space, range(first, first + count), padded, "grid")

    def _at(self, start: int, count: int) -> list[Points]:
        places = range(start, min(start + count, self.tree.count))
        return [self.tree.unit(self.order[index]) for index in places]

    def _between(self, start: int, end: int) -> list[Points]:
        """The feasible points start … end-1, scanned from the nearest place known."""
        seen, position = self._reached if self._reached[0] <= start else (0, 0)
        found: list[Points] = []
        while seen < end and position < self.tree.count:
            batch = self._at(position, _SCAN)
            fine = np.flatnonzero(self.space.feasible(np.array(batch)))
            found += [batch[row] for rank, row in enumerate(fine) if start <= seen + rank < end]
            if seen + len(fine) > end:
                break
            seen, position = seen + len(fine), position + len(batch)
            if seen <= start:
                self._reached = (seen, position)
        return found
