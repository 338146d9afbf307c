"""A scrambled Sobol sequence: as cheap as random draws, and more even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from caviar.domain.space import Space
from caviar.search.history import History
from caviar.search.initial import place
from caviar.search.random_search import plan_of
from caviar.search.randomness import spawning
from caviar.search.sampling import Points, repaired
from caviar.search.searcher import Plan, Round

_STREAM = 3
_CHUNK = 64
_KEPT_CHUNKS = 32


@dataclass(slots=True)
class SobolSequence:
    """Points of one scrambled sequence by index. Keeps chunks it has computed: a memo, nothing depends on it."""

    dimension: int
    seed: int
    _chunks: dict[int, Points] = field(default_factory=dict)

    def points(self, start: int, count: int) -> Points:
        """(count, dimension): points start … start+count-1."""
        first, last = start // _CHUNK, (start + max(count, 1) - 1) // _CHUNK
        block = np.vstack([self._chunk(index) for index in range(first, last + 1)])
        taken: Points = block[start - first * _CHUNK :][:count]
        return taken

    def _chunk(self, index: int) -> Points:
        if index not in self._chunks:
            if len(self._chunks) >= _KEPT_CHUNKS:
                self._chunks.clear()
            self._chunks[index] = self._computed(index)
        return self._chunks[index]

    def _computed(self, index: int) -> Points:
        from scipy.stats import qmc  # noqa: PLC0415 - half a second of import, paid by those who use it

        engine: Any = qmc.Sobol(self.dimension, scramble=True, rng=spawning(self.seed, _STREAM))
        if index:
            engine.fast_forward(index * _CHUNK)
        drawn: Points = np.asarray(engine.random(_CHUNK))
        return drawn


@dataclass(slots=True)
class SobolSearch:
    """`skip` places are taken by initial configurations; the next is the sequence's first point."""

    space: Space
    seed: int
    skip: int = 0
    thinks: bool = False
    sequence: SobolSequence = field(init=False)

    def __post_init__(self) -> None:
        self.sequence = SobolSequence(self.space.dimension, self.seed)

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:  # noqa: ARG002
        numbers = range(first, first + count)
        drawn = self.sequence.points(max(0, place(history, first) - self.skip), count)
        return plan_of(self.space, numbers, repaired(self.space, self.seed, numbers, drawn), "sobol")
