"""A database that fails now and then, each time another way."""

import random

from tests.simulation.failing import FailingStore, Outage


class MoodyStore(FailingStore):
    """Each operation of a write transaction fails with `chance`, before it happens or with its answer lost."""

    def __init__(self, seed: int, chance: float) -> None:
        super().__init__(0, "before")
        self._random = random.Random(f"store {seed}")
        self._chance = chance
        self.failures = 0
        self._draw()

    def calm(self) -> None:
        self._chance = 0.0
        self._draw()

    def _step(self) -> None:
        self.count += 1
        if self.count == self.k:
            self.failures += 1
            self._draw()
            raise Outage

    def _draw(self) -> None:
        self.mode = self._random.choice(("before", "answer_lost"))
        self.k = self.count + int(self._random.expovariate(self._chance)) + 1 if self._chance else 0
